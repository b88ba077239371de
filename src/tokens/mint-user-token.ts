import { may } from '../auth/rights.ts';
import { mintToken } from '../auth/signed/minted-tokens.ts';
import type { SigningKeys } from '../auth/signed/signing-keys.ts';
import type { Scope } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { failedValidation, forbiddenCollection, invalidForeignKey } from '../errors.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { idOrMe } from '../users/ids-of.ts';
import { grantableScopes } from './grantable-scopes.ts';

/** A signed token of a user. */
export interface MintedToken {
  readonly token: string;
  readonly user_id: string;
  readonly scopes: readonly Scope[];
  readonly expires_at: Date;
}

export interface NewMintedToken {
  /** `me` or any key of a user. */
  readonly user: string;
  /** Seconds until the token expires. */
  readonly expires_in: number;
  /** Null or undefined: the scopes `inbox` and `preferences`. */
  readonly scopes?: readonly Scope[] | null | undefined;
}

interface MintContext extends Pick<Context, 'viewer' | 'now'> {
  readonly prisma: ServicePrisma<UserKeyMethods>;
  readonly signingKeys: SigningKeys;
}

const collection = 'minted_tokens';
const maxSeconds = 24 * 60 * 60;
const defaultScopes: readonly Scope[] = ['inbox', 'preferences'];

/**
 * Signs a token for a user; nothing is stored. Every node accepts it until it expires, its user's sessions are revoked
 * or its user is suspended.
 * @throws ServiceError FORBIDDEN if the viewer may not mint tokens, or asks for more scopes than the viewer's own token
 * has; FAILED_VALIDATION of `expires_in` or `scopes`; INVALID_FOREIGN_KEY for a user who does not exist or is
 * suspended.
 */
export async function mintUserToken(
  { prisma, viewer, now, signingKeys }: MintContext,
  { user, expires_in, scopes }: NewMintedToken,
): Promise<MintedToken> {
  if (viewer.kind === 'anonymous' || !may(viewer, 'tokens.mint')) throw forbiddenCollection(collection, 'create');
  const granted = grantableScopes(viewer, scopes ?? defaultScopes) ?? [];
  if (expires_in < 1 || expires_in > maxSeconds) {
    throw failedValidation('expires_in', 'range', `must be a number of seconds between 1 and ${maxSeconds}`);
  }
  const userId = await idOrMe(prisma, viewer, user, true);
  const found = userId === null ? null : await prisma.user.findUnique({ where: { id: userId, status: 'active' } });
  if (found === null) throw invalidForeignKey(collection, 'user', user);
  const issuedAt = now();
  // The expiry of a token is in whole seconds.
  const expiresAt = new Date(1000 * (Math.floor(issuedAt.getTime() / 1000) + expires_in));
  const token = await mintToken(signingKeys, { userId: found.id, scopes: granted, issuedAt, expiresAt });
  return { token, user_id: found.id, scopes: granted, expires_at: expiresAt };
}
