import { createHash, randomBytes } from 'node:crypto';

/** Name of the token that the `token` field of a user sets. */
export const staticTokenName = 'static';

/**
 * The stored form of a token. Tokens are long and random, or chosen by the deployment, so there is no salt or
 * stretching.
 */
export function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest());
}

/** A new random token. */
export function generateToken(): string {
  return randomBytes(32).toString('base64url');
}
