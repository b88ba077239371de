import { type Role, roles } from '../roles.ts';
import { type Scope, scopes } from '../scopes.ts';

export { type Role, roles } from '../roles.ts';
export { type Scope, scopes } from '../scopes.ts';

/** What identified a user. */
export interface Credential {
  readonly kind: 'access_token' | 'minted_token' | 'host_token' | 'session' | 'password';
  /** Id of the row, or `jti` of a signed token; null if there is none. */
  readonly id: string | null;
  /** What the credential is limited to; null: everything that the role allows. */
  readonly scopes: readonly Scope[] | null;
  /** Null: it does not expire. */
  readonly expires_at: Date | null;
}

/** A signed-in user, with the rights of the credential that the request carries. */
export interface UserViewer extends Pick<Credential, 'scopes' | 'expires_at'> {
  readonly kind: 'user';
  readonly id: string;
  readonly role: Role;
  readonly credential: Pick<Credential, 'kind' | 'id'>;
}

/** Who makes a request. Every read and write has a viewer. */
export type Viewer = { readonly kind: 'anonymous' } | UserViewer;

export const anonymous: Viewer = { kind: 'anonymous' };

const unlimited: Credential = { kind: 'password', id: null, scopes: null, expires_at: null };

/** A viewer; without a credential, one with all rights of the role. */
export function userViewer(
  id: string,
  role: Role,
  { kind, id: credentialId, scopes: limits, expires_at }: Credential = unlimited,
): UserViewer {
  return { kind: 'user', id, role, scopes: limits, expires_at, credential: { kind, id: credentialId } };
}

/** Whose share of common resources a request uses: a user's, or the one shared by all anonymous viewers. */
export function ownerOf(viewer: Viewer): string {
  return viewer.kind === 'user' ? viewer.id : viewer.kind;
}

/** Equal for viewers who may see and do the same, whatever their tokens. */
export function rightsKey(viewer: Viewer): string {
  if (viewer.kind === 'anonymous') return viewer.kind;
  const { id, role, scopes: limits } = viewer;
  return limits === null ? `${id} ${role}` : `${id} ${role} ${limits.join(',')}`;
}

/** Reads a stored role; every unknown value means member. */
export function toRole(stored: string): Role {
  return roles.find((role) => role === stored) ?? 'member';
}

/** Reads stored scopes, separated by spaces. Unknown scopes, which a later version stored, are ignored. */
export function toScopes(stored: string | null): readonly Scope[] | null {
  if (stored === null) return null;
  const names: ReadonlySet<string> = new Set(stored.split(' '));
  return scopes.filter((scope) => names.has(scope));
}
