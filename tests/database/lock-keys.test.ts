import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { lockKeys, nodeLockClass } from '../../src/database/lock-keys.ts';

const root = fileURLToPath(new URL('../../src/', import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('generated') && file !== 'database/lock-keys.ts',
);
const numbersOf = (text: string) =>
  [...text.matchAll(/\b\d[\d_]*\b/g)].map(([number]) => Number(number.replaceAll('_', '')));

describe('the keys of the advisory locks', () => {
  it('are different for every lock', () => {
    const keys = Object.values(lockKeys);

    expect(keys).toHaveLength(new Set(keys).size);
  });

  it('are written in no other file than lock-keys.ts', () => {
    const keys = new Set<number>([...Object.values(lockKeys), nodeLockClass]);

    const elsewhere = files.filter((file) => numbersOf(readFileSync(root + file, 'utf8')).some((one) => keys.has(one)));

    expect(files.length).toBeGreaterThan(100);
    expect(elsewhere).toEqual([]);
  });

  it('are passed to every lock as a parameter, not written into its SQL', () => {
    const written = files.filter((file) =>
      /pg_(try_)?advisory_\w+\(\s*[^$)\s]/.test(readFileSync(root + file, 'utf8')),
    );

    expect(written).toEqual([]);
  });
});
