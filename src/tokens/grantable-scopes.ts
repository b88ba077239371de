import { type Scope, scopes, type Viewer } from '../auth/viewer.ts';
import { failedValidation, forbidden } from '../errors.ts';

/**
 * The scopes of a token that the viewer creates, in the order of `scopes`; null: everything that the role allows.
 * @throws ServiceError FORBIDDEN for more than the viewer's own token allows; FAILED_VALIDATION for an empty list.
 */
export function grantableScopes(viewer: Viewer, wanted: readonly Scope[] | null): readonly Scope[] | null {
  if (wanted?.length === 0) throw failedValidation('scopes', 'required', 'must name at least one scope');
  const own = viewer.kind === 'user' ? viewer.scopes : [];
  if (own === null || own.includes('admin')) return wanted && scopes.filter((scope) => wanted.includes(scope));
  const more = scopes.filter((scope) => (wanted === null || wanted.includes(scope)) && !own.includes(scope));
  if (more.length > 0) throw forbidden(`A token cannot give more than its own scopes: not ${more.join(', ')}`);
  return scopes.filter((scope) => wanted?.includes(scope));
}
