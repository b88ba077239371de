import { createHash, hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Name of the token that the `token` field of a user sets. */
export const staticTokenName = 'static';

/**
 * The stored form of a token. Tokens are long and random, or chosen by the deployment, so there is no salt or
 * stretching.
 */
export function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest());
}

/** `tokenHash` as text in base64, nine times as fast; each request with a token needs it. */
export function tokenKey(token: string): string {
  return hash('sha256', token, 'base64');
}

const prefix = 'tdg_';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 43 characters from an alphabet of 62 hold 256 bits. */
const randomLength = 43;
/** 6 characters from an alphabet of 62 hold 32 bits. */
const checksumLength = 6;

/**
 * A new random token: `tdg_`, 43 random characters, and a checksum of 6 characters, all from 0-9, A-Z and a-z.
 * Programs that search for leaked secrets find tokens by the prefix and recognise false matches by the checksum; see
 * `docs/tokens.md`.
 */
export function generateToken(): string {
  const text = prefix + Array.from({ length: randomLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  return text + checksumOf(text);
}

/** Whether the text has the form of a generated token, with a correct checksum. */
export function hasTokenForm(text: string): boolean {
  if (!/^tdg_[0-9A-Za-z]{49}$/.test(text)) return false;
  return checksumOf(text.slice(0, -checksumLength)) === text.slice(-checksumLength);
}

/** The CRC-32 of the text in base 62, with leading zeros. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < checksumLength; place += 1) {
    digits = `${alphabet[rest % alphabet.length]}${digits}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}
