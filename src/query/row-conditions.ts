import { coerce, sqlTypes } from './coerce.ts';
import type { Collection, Field } from './collection.ts';
import type { Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import { parseFilter } from './parse-filter.ts';
import { type Operand, operand, rootTable } from './resolve-field.ts';
import type { ListArguments } from './scope.ts';
import { parseSearch } from './search.ts';

/**
 * All conditions for a row: visible to the viewer, one of the keys, and matching filter and search.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for any other invalid argument.
 */
export function chosenRows(draft: Draft, { filter, search }: ListArguments): readonly Condition[] {
  const conditions = [visible(draft), amongKeys(draft), parseFilter(draft, filter), parseSearch(draft, search)];
  return conditions.filter((condition) => condition !== undefined);
}

function visible(draft: Draft): Condition | undefined {
  const { collection, viewer } = draft.scope;
  const visibility = collection.visibility(viewer);
  if (visibility.kind === 'all') return undefined;
  // An anonymous viewer owns no rows.
  if (visibility.kind === 'none' || viewer.kind === 'anonymous') {
    draft.mark('|none');
    return { kind: 'never' };
  }
  draft.mark(`|${visibility.column}`);
  const field = fieldOf(collection, ({ column }) => column === visibility.column);
  const value = draft.bind(viewer.id, 'uuid');
  return { kind: 'compare', operand: rootOperand(draft, field), sign: '=', value };
}

function amongKeys(draft: Draft): Condition | undefined {
  const { collection, keys } = draft.scope;
  if (!keys) return undefined;
  draft.mark('|keys|');
  const field = fieldOf(collection, ({ name }) => name === collection.primaryKey);
  const values = keys.map((key) => coerce(field.type, key)).filter((key) => key !== undefined);
  const list = draft.bind(values, `${sqlTypes[field.type]}[]`);
  return { kind: 'in', operand: rootOperand(draft, field), negated: false, list, more: [] };
}

function rootOperand(draft: Draft, field: Field): Operand {
  return operand(draft, { table: rootTable(draft.scope.collection), field, call: undefined });
}

function fieldOf(collection: Collection, matches: (field: Field) => boolean): Field {
  for (const field of collection.fields.values()) if (matches(field)) return field;
  throw new Error(`${collection.name} has no field for its primary key or its visibility`);
}
