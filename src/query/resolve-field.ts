import { fieldAccess } from '../auth/rights.ts';
import { forbiddenField, invalidQuery } from '../errors.ts';
import type { Collection, Field, FieldType } from './collection.ts';
import type { Draft } from './draft.ts';
import { type DateFunction, dateFunction, parseCall } from './functions.ts';
import type { QueryScope } from './scope.ts';
import { requireText } from './text.ts';

/** Alias of the collection's own table. */
export const rootAlias = 'base';

/** The subject of a condition, or a sort key: a field, or a function of a field, in the row or a related row. */
export interface Operand {
  /** Its spelling in a sort, such as `recipient.email` or `year(timestamp)`. */
  readonly key: string;
  readonly alias: string;
  readonly field: Field;
  readonly call: DateFunction | undefined;
  /** The type of the value: the field's, or integer for a function. */
  readonly type: FieldType;
}

/** The table in which names are resolved: the collection's own, or one reached through relations. */
export interface TableRef {
  readonly collection: Collection;
  readonly alias: string;
  /** Names of the relations leading to it. */
  readonly path: readonly string[];
  readonly through: { readonly table: TableRef; readonly field: Field } | undefined;
}

/** A resolved and readable name that is not yet part of a statement. */
export interface Target {
  readonly table: TableRef;
  readonly field: Field;
  readonly call: DateFunction | undefined;
}

export function rootTable(collection: Collection): TableRef {
  return { collection, alias: rootAlias, path: [], through: undefined };
}

/**
 * The table on the other side of a relation.
 * @throws ServiceError INVALID_QUERY beyond the maximum depth.
 */
export function follow(scope: QueryScope, table: TableRef, field: Field, collection: Collection): TableRef {
  const path = [...table.path, field.name];
  // A field of that table adds one more level to the path.
  if (path.length >= scope.limits.relationalDepth) throw tooDeep(scope);
  return { collection, alias: `rel_${path.join('__')}`, path, through: { table, field } };
}

function tooDeep(scope: QueryScope): Error {
  return invalidQuery(`fields may be nested at most ${scope.limits.relationalDepth} levels deep`);
}

/**
 * The field with this name, if the viewer may read it.
 * @throws ServiceError FORBIDDEN, with the same message, for unknown and denied fields.
 */
export function readableField(scope: QueryScope, table: TableRef, name: string): Field {
  requireText(name, 'a field name');
  const field = table.collection.fields.get(name);
  if (field && (field.readableBy === 'member' || fieldAccess(scope.viewer) === 'admin')) return field;
  throw forbiddenField(table.collection.name, name, table.path.join('.') || undefined);
}

/** Resolves a plain name or a function call such as `year(timestamp)`. */
export function target(scope: QueryScope, table: TableRef, name: string): Target {
  const call = parseCall(name);
  if (!call) return { table, field: readableField(scope, table, name), call: undefined };
  const field = readableField(scope, table, call.argument);
  return { table, field, call: dateFunction(call.name, field) };
}

/** Resolves a dotted path such as `recipient.email` or `recipient.year(last_access)`. */
export function targetByPath(scope: QueryScope, collection: Collection, path: string): Target {
  const names = path.split('.');
  if (names.length > scope.limits.relationalDepth) throw tooDeep(scope);
  let table = rootTable(collection);
  for (const [index, name] of names.slice(0, -1).entries()) {
    const field = readableField(scope, table, name);
    if (!field.relation) {
      throw forbiddenField(table.collection.name, names.slice(index).join('.'), table.path.join('.') || undefined);
    }
    table = follow(scope, table, field, scope[field.relation]);
  }
  return target(scope, table, names.at(-1) ?? '');
}

/** Adds the target to the statement, with the joins it needs. */
export function operand(draft: Draft, { table, field, call }: Target): Operand {
  // The key of a related row is in the row itself: it needs no join, and is available even if the related row is not
  // visible.
  if (table.through && field.name === table.collection.primaryKey && !call) {
    return operand(draft, { ...table.through, call: undefined });
  }
  joinTable(draft, table);
  const name = call ? `${call}(${field.name})` : field.name;
  const key = table.path.length === 0 ? name : `${table.path.join('.')}.${name}`;
  return { key, alias: table.alias, field, call, type: call ? 'integer' : field.type };
}

function joinTable(draft: Draft, table: TableRef): void {
  if (!table.through || draft.joins.has(table.alias)) return;
  const { viewer } = draft.scope;
  const { collection, through, alias } = table;
  joinTable(draft, through.table);
  const visibility = collection.visibility(viewer);
  draft.mark(`^${alias}:${visibility.kind}`);
  draft.join({
    alias,
    table: collection.table,
    primaryKey: columnOf(collection, collection.primaryKey),
    key: { kind: 'column', alias: through.table.alias, column: through.field.column },
    visible:
      visibility.kind !== 'own'
        ? visibility.kind
        : {
            column: visibility.column,
            viewer: draft.bind(viewer.kind === 'user' ? viewer.id : null, 'uuid'),
          },
  });
}

/** The column of a field of the collection. */
export function columnOf(collection: Collection, name: string): string {
  const field = collection.fields.get(name);
  if (!field) throw new Error(`${collection.name} has no field ${name}`);
  return field.column;
}
