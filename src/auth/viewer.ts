/** What a signed-in person may do: everything, or look after what is their own. */
export type Role = 'admin' | 'member';

/** Who asks. Every read and write carries one; nothing is done without. */
export type Viewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly id: string; readonly role: Role };

export const anonymous: Viewer = { kind: 'anonymous' };

export function isAdmin(viewer: Viewer): boolean {
  return viewer.kind === 'user' && viewer.role === 'admin';
}

/** Whose share of what all have in common a request takes: everybody who is nobody in particular has one together. */
export function ownerOf(viewer: Viewer): string {
  return viewer.kind === 'user' ? viewer.id : viewer.kind;
}
