import { invalidQuery } from '../errors.ts';
import type { Draft } from './draft.ts';
import { type Operand, operand, rootTable, targetByPath } from './resolve-field.ts';
import type { ListArguments } from './scope.ts';

/** One sort key and its direction. Null sorts as in PostgreSQL: last in ascending and first in descending order. */
export interface Order<Key = Operand> {
  readonly by: Key;
  readonly isDescending: boolean;
}

/** The requested sort without empty parts: names with directions. */
export function sortNames(sort: ListArguments['sort']): Order<string>[] {
  const names: Order<string>[] = [];
  for (const part of sort ?? []) {
    const text = part?.trim();
    if (!text) continue;
    const isDescending = text.startsWith('-');
    names.push({ by: isDescending ? text.slice(1) : text, isDescending });
  }
  return names;
}

/**
 * The direction of sort keys that are added to make an order stable: the direction of the last key, so that the order
 * can be reversed as a whole.
 */
export function addedDirection(orders: readonly { readonly isDescending: boolean }[]): boolean {
  return orders.at(-1)?.isDescending ?? false;
}

/**
 * The order of a list, made stable by the primary key, which is also the default order. The primary key gets the
 * direction of the last sort key, so that "newest first" starts with the highest primary key among rows with equal
 * timestamps.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for those that cannot be sorted.
 */
export function parseSort(draft: Draft, sort: ListArguments['sort']): Order[] {
  const { scope } = draft;
  const orders = new Map<string, Order>();
  for (const { by, isDescending } of sortNames(sort)) {
    add(draft, orders, { by: operand(draft, targetByPath(scope, scope.collection, by)), isDescending });
  }
  const key = scope.collection.fields.get(scope.collection.primaryKey);
  if (!key) throw new Error(`${scope.collection.name} has no primary key`);
  const table = rootTable(scope.collection);
  const isDescending = addedDirection([...orders.values()]);
  add(draft, orders, { by: operand(draft, { table, field: key, call: undefined }), isDescending });
  return [...orders.values()];
}

function add(draft: Draft, orders: Map<string, Order>, order: Order): void {
  if (order.by.type === 'hash') throw invalidQuery(`"${order.by.key}" is concealed and cannot be sorted by`);
  if (order.by.type === 'uuids') throw invalidQuery(`"${order.by.key}" is a list and cannot be sorted by`);
  // A repeated sort key has no effect and must not make the statement longer.
  if (orders.has(order.by.key)) return;
  draft.mark(`${order.isDescending ? '>' : '<'}${order.by.key}`);
  orders.set(order.by.key, order);
}
