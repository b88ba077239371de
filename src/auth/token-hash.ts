import { createHash, randomBytes } from 'node:crypto';

/** The name of the token that the `token` field of a user stands for. */
export const staticTokenName = 'static';

/** What is stored of a token. Tokens are long and random or a deployment's own choice, so no salt and no stretching. */
export function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest());
}

/** A new token that nobody can guess. */
export function generateToken(): string {
  return randomBytes(32).toString('base64url');
}
