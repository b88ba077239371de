import { forbiddenField, invalidQuery } from '../errors.ts';
import { adjust } from './adjust-time.ts';
import type { Field } from './collection.ts';
import { readableField, rootTable } from './resolve-field.ts';
import type { QueryScope } from './scope.ts';

/** The meaning of a dynamic variable. */
export type Meaning =
  | { readonly kind: 'value'; readonly value: string | null }
  | { readonly kind: 'list'; readonly values: readonly string[] }
  /** A field of the viewer's user row. */
  | { readonly kind: 'own'; readonly field: Field };

const nothing: Meaning = { kind: 'value', value: null };

/**
 * Resolves a string that is entirely a dynamic variable, such as `$NOW(-1 day)` or `$CURRENT_USER.email`. Undefined for
 * any other text.
 * @throws ServiceError FORBIDDEN for an unknown or denied field, INVALID_QUERY for a concealed one.
 */
export function meaningOf(scope: QueryScope, text: string): Meaning | undefined {
  if (!text.startsWith('$')) return undefined;
  const { viewer } = scope;
  if (text === '$NOW') return { kind: 'value', value: scope.now.toISOString() };
  if (text.startsWith('$NOW(') && text.endsWith(')')) return { kind: 'value', value: adjustedNow(scope, text) };
  if (text === '$CURRENT_USER') return viewer.kind === 'user' ? { kind: 'value', value: viewer.id } : nothing;
  if (text === '$CURRENT_ROLE') return viewer.kind === 'user' ? { kind: 'value', value: viewer.role } : nothing;
  if (text === '$CURRENT_ROLES') return { kind: 'list', values: viewer.kind === 'user' ? [viewer.role] : [] };
  if (text === '$CURRENT_POLICIES') return { kind: 'list', values: [] };
  if (text.startsWith('$CURRENT_USER.')) return ownField(scope, text.slice('$CURRENT_USER.'.length));
  if (text.startsWith('$CURRENT_ROLE.')) return roleField(scope, text.slice('$CURRENT_ROLE.'.length));
  return undefined;
}

function adjustedNow(scope: QueryScope, text: string): string {
  const time = adjust(scope.now, text.slice('$NOW('.length, -1));
  if (!time) throw invalidQuery('"$NOW(…)" is outside the years 1 to 9999');
  return time.toISOString();
}

function ownField(scope: QueryScope, name: string): Meaning {
  const field = readableField(scope, rootTable(scope.users), name);
  if (field.type === 'hash') throw invalidQuery(`"$CURRENT_USER.${name}" is concealed`);
  if (scope.viewer.kind === 'anonymous') return nothing;
  // The key is known without reading the row.
  if (name === scope.users.primaryKey) return { kind: 'value', value: scope.viewer.id };
  return { kind: 'own', field };
}

/** A role consists of its name only. */
function roleField(scope: QueryScope, name: string): Meaning {
  if (name !== 'id' && name !== 'name') throw forbiddenField('directus_roles', name);
  return scope.viewer.kind === 'user' ? { kind: 'value', value: scope.viewer.role } : nothing;
}
