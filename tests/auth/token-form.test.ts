import { describe, expect, it } from '@jest/globals';
import { generateToken, hasTokenForm } from '../../src/auth/token-hash.ts';

describe('generated tokens', () => {
  it('have the documented form and a correct checksum', () => {
    for (let count = 0; count < 200; count += 1) {
      const token = generateToken();
      expect(token).toMatch(/^tdg_[0-9A-Za-z]{49}$/);
      expect(hasTokenForm(token)).toBe(true);
    }
  });

  it('have a checksum that a scanner can compute', () => {
    // The CRC-32 of the text before the checksum, in base 62 with the digits 0-9, A-Z and a-z.
    expect(hasTokenForm(`tdg_${'0'.repeat(43)}1d2zzO`)).toBe(true);
  });

  it('are malformed once one character is changed', () => {
    const token = generateToken();
    for (let index = 4; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      expect(hasTokenForm(token.slice(0, index) + other + token.slice(index + 1))).toBe(false);
    }
  });
});
