import { v7 as uuid } from 'uuid';
import { announceRevocation } from '../auth/revocations.ts';
import { may } from '../auth/rights.ts';
import { generateToken, staticTokenName, tokenHash } from '../auth/token-hash.ts';
import { type Scope, toScopes, type Viewer } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import { isForeignKeyFault, isUniqueFault } from '../database/faults.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { failedValidation, forbidden, forbiddenCollection, invalidForeignKey, recordNotUnique } from '../errors.ts';
import type { AccessToken } from '../generated/prisma/client.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { idOrMe } from '../users/ids-of.ts';
import { isLongerThan, isStorable, parseUuid } from '../values.ts';
import { grantableScopes } from './grantable-scopes.ts';

/** A token without its hash. The token itself is not stored. */
export interface ListedToken
  extends Pick<AccessToken, 'id' | 'user_id' | 'name' | 'created_at' | 'last_used_at' | 'expires_at'> {
  /** Null: everything that the role of the user allows. */
  readonly scopes: readonly Scope[] | null;
}

/** A token that was just created, with the token itself. */
export interface CreatedToken extends ListedToken {
  readonly token: string;
}

export interface NewAccessToken {
  /** `me` or any key of a user. */
  readonly user: string;
  readonly name: string;
  /** Null or undefined: everything that the role of the user allows. */
  readonly scopes?: readonly Scope[] | null | undefined;
  readonly expires_at?: Date | null | undefined;
}

interface TokenContext extends Pick<Context, 'viewer' | 'now'> {
  readonly prisma: ServicePrisma<UserKeyMethods>;
}

const collection = 'access_tokens';
const nameMax = 64;
const select = {
  id: true,
  user_id: true,
  name: true,
  scopes: true,
  created_at: true,
  last_used_at: true,
  expires_at: true,
} as const;

/**
 * All tokens of a user (`me`: the viewer), sorted by name. They need no pages, because a user has few.
 * @throws ServiceError FORBIDDEN unless the viewer is an admin or that user.
 */
export async function listAccessTokens({ prisma, viewer }: TokenContext, user: string): Promise<ListedToken[]> {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(collection, 'read');
  const user_id = await idOrMe(prisma, viewer, user, may(viewer, 'tokens.read_all'));
  if (user_id === null || !mayRead(viewer, user_id)) throw forbiddenCollection(collection, 'read');
  const tokens = await prisma.accessToken.findMany({ where: { user_id }, select, orderBy: { name: 'asc' } });
  return tokens.map(listed);
}

/**
 * Creates a random token. Only the result of this call contains it.
 * @throws ServiceError FORBIDDEN unless the viewer may create tokens, or asks for more scopes than their own token
 * has; FAILED_VALIDATION of the name, the scopes or the time; INVALID_FOREIGN_KEY for an unknown user;
 * RECORD_NOT_UNIQUE if the user has a token of that name.
 */
export async function createAccessToken(
  { prisma, viewer, now }: TokenContext,
  { user, name, scopes = null, expires_at = null }: NewAccessToken,
): Promise<CreatedToken> {
  if (viewer.kind === 'anonymous' || !may(viewer, 'tokens.create')) throw forbiddenCollection(collection, 'create');
  const granted = grantableScopes(viewer, scopes);
  if (name === '' || isLongerThan(name, nameMax) || !isStorable(name)) {
    throw failedValidation('name', 'length', `must have 1 to ${nameMax} characters`);
  }
  if (name === staticTokenName) {
    throw failedValidation(
      'name',
      'nin',
      `"${staticTokenName}" is reserved for the token that the field "token" of a user sets`,
    );
  }
  if (expires_at !== null && expires_at <= now()) throw failedValidation('expires_at', 'gt', 'must be in the future');
  const user_id = await idOrMe(prisma, viewer, user, true);
  if (user_id === null) throw invalidForeignKey(collection, 'user', user);
  const token = generateToken();
  try {
    const stored = { scopes: granted?.join(' ') ?? null, sha256: tokenHash(token) };
    const data = { id: uuid(), user_id, name, ...stored, expires_at, created_at: now() };
    return { ...listed(await prisma.accessToken.create({ data, select })), token };
  } catch (error) {
    if (isUniqueFault(error)) throw recordNotUnique(collection, 'name', name);
    if (isForeignKeyFault(error)) throw invalidForeignKey(collection, 'user', user);
    throw error;
  }
}

/**
 * Deletes a token. Connections opened with it are closed: immediately on this node, within seconds elsewhere.
 * @throws ServiceError FORBIDDEN if there is no such token, or it is another user's and the viewer may revoke only
 * their own.
 */
export async function revokeAccessToken({ prisma, viewer }: TokenContext, id: string): Promise<string> {
  const uuidOfToken = parseUuid(id);
  const mayAll = may(viewer, 'tokens.revoke_all');
  const mayOwn = mayAll || may(viewer, 'tokens.revoke_own');
  if (uuidOfToken === null || viewer.kind === 'anonymous' || !mayOwn) throw forbidden();
  const where = { id: uuidOfToken, ...(mayAll ? {} : { user_id: viewer.id }) };
  const found = await prisma.accessToken.findFirst({ where, select: { user_id: true } });
  if (found === null) throw forbidden();
  await prisma.accessToken.deleteMany({ where });
  announceRevocation(prisma, found.user_id);
  return uuidOfToken;
}

function listed(token: Pick<AccessToken, keyof typeof select>): ListedToken {
  return { ...token, scopes: toScopes(token.scopes) };
}

function mayRead(viewer: Viewer, user: string): boolean {
  if (may(viewer, 'tokens.read_all')) return true;
  return viewer.kind === 'user' && viewer.id === user && may(viewer, 'tokens.read_own');
}
