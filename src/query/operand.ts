import { isAdmin } from '../auth/viewer.ts';
import { forbiddenField, invalidQuery } from '../errors.ts';
import type { Collection, Field, FieldType } from './collection.ts';
import type { Draft } from './draft.ts';
import { type DateFunction, dateFunction, parseCall } from './functions.ts';
import type { QueryScope } from './scope.ts';
import { requireText } from './text.ts';

/** The alias of the collection's own table. */
export const rootAlias = 'base';

/** Something a condition tests or a sort orders by: a field, or a function of one, of the row or of a related row. */
export interface Operand {
  /** How it is spelled in a sort, such as `recipient.email` or `year(timestamp)`. */
  readonly key: string;
  readonly alias: string;
  readonly field: Field;
  readonly call: DateFunction | undefined;
  /** The type of what comes out: the field's, or an integer from a function. */
  readonly type: FieldType;
}

/** Where names are looked up: the collection itself, or one reached through relations. */
export interface Place {
  readonly collection: Collection;
  readonly alias: string;
  /** Names of the relations that led here. */
  readonly path: readonly string[];
  readonly through: { readonly place: Place; readonly field: Field } | undefined;
}

/** A name that was looked up and may be read, before it becomes part of a statement. */
export interface Target {
  readonly place: Place;
  readonly field: Field;
  readonly call: DateFunction | undefined;
}

export function rootPlace(collection: Collection): Place {
  return { collection, alias: rootAlias, path: [], through: undefined };
}

/**
 * The collection on the other side of a relation.
 * @throws ServiceError INVALID_QUERY when that is deeper than the limits allow.
 */
export function follow(scope: QueryScope, place: Place, field: Field, collection: Collection): Place {
  const path = [...place.path, field.name];
  // The field that will be named there is one level more.
  if (path.length >= scope.limits.relationalDepth) throw tooDeep(scope);
  return { collection, alias: `rel_${path.join('__')}`, path, through: { place, field } };
}

function tooDeep(scope: QueryScope): Error {
  return invalidQuery(`fields may be nested at most ${scope.limits.relationalDepth} levels deep`);
}

/**
 * The field of that name, if the viewer may read it.
 * @throws ServiceError FORBIDDEN alike for unknown and for denied fields.
 */
export function readableField(scope: QueryScope, place: Place, name: string): Field {
  requireText(name, 'a field name');
  const field = place.collection.fields.get(name);
  if (field && (field.readableBy === 'member' || isAdmin(scope.viewer))) return field;
  throw forbiddenField(place.collection.name, name, place.path.join('.') || undefined);
}

/** Looks up a plain name or a function call such as `year(timestamp)`. */
export function target(scope: QueryScope, place: Place, name: string): Target {
  const call = parseCall(name);
  if (!call) return { place, field: readableField(scope, place, name), call: undefined };
  const field = readableField(scope, place, call.argument);
  return { place, field, call: dateFunction(call.name, field) };
}

/** Looks up a dotted path such as `recipient.email` or `recipient.year(last_access)`. */
export function targetByPath(scope: QueryScope, collection: Collection, path: string): Target {
  const names = path.split('.');
  if (names.length > scope.limits.relationalDepth) throw tooDeep(scope);
  let place = rootPlace(collection);
  for (const [index, name] of names.slice(0, -1).entries()) {
    const field = readableField(scope, place, name);
    if (!field.relation) {
      throw forbiddenField(place.collection.name, names.slice(index).join('.'), place.path.join('.') || undefined);
    }
    place = follow(scope, place, field, scope[field.relation]);
  }
  return target(scope, place, names.at(-1) ?? '');
}

/** Makes the target part of the statement, joining the rows on the way to it. */
export function operand(draft: Draft, { place, field, call }: Target): Operand {
  // The key of a related row is in the row itself: no join, and it is there even when the related row is not visible.
  if (place.through && field.name === place.collection.primaryKey && !call) {
    return operand(draft, { ...place.through, call: undefined });
  }
  joinPlace(draft, place);
  const name = call ? `${call}(${field.name})` : field.name;
  const key = place.path.length === 0 ? name : `${place.path.join('.')}.${name}`;
  return { key, alias: place.alias, field, call, type: call ? 'integer' : field.type };
}

function joinPlace(draft: Draft, place: Place): void {
  if (!place.through || draft.joins.has(place.alias)) return;
  const { viewer } = draft.scope;
  const { collection, through, alias } = place;
  joinPlace(draft, through.place);
  const visibility = collection.visibility(viewer);
  draft.mark(`^${alias}:${visibility.kind}`);
  draft.join({
    alias,
    table: collection.table,
    primaryKey: columnOf(collection, collection.primaryKey),
    key: { kind: 'column', alias: through.place.alias, column: through.field.column },
    visible:
      visibility.kind !== 'own'
        ? visibility.kind
        : {
            column: visibility.column,
            viewer: draft.bind(viewer.kind === 'user' ? viewer.id : null, 'uuid'),
          },
  });
}

/** The column of a field that the collection is known to have. */
export function columnOf(collection: Collection, name: string): string {
  const field = collection.fields.get(name);
  if (!field) throw new Error(`${collection.name} has no field ${name}`);
  return field.column;
}
