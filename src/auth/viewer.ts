/** Rights of a signed-in user: everything, or only their own data. */
export type Role = 'admin' | 'member';

/** Who makes a request. Every read and write has a viewer. */
export type Viewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly id: string; readonly role: Role };

export const anonymous: Viewer = { kind: 'anonymous' };

export function isAdmin(viewer: Viewer): boolean {
  return viewer.kind === 'user' && viewer.role === 'admin';
}

/** Whose share of common resources a request uses: a user's, or the one shared by all anonymous viewers. */
export function ownerOf(viewer: Viewer): string {
  return viewer.kind === 'user' ? viewer.id : viewer.kind;
}

/** Reads a stored role; every value but `admin` means member. */
export function toRole(stored: string): Role {
  return stored === 'admin' ? 'admin' : 'member';
}
