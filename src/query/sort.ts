import { invalidQuery } from '../errors.ts';
import type { Draft } from './draft.ts';
import { type Operand, operand, rootPlace, targetByPath } from './operand.ts';
import type { ListArguments } from './scope.ts';

/** One step of an order. NULL sorts as PostgreSQL has it: last going up, first going down. */
export interface Order<Key = Operand> {
  readonly by: Key;
  readonly isDescending: boolean;
}

/** What a sort was asked for, without what is empty: names, each with its direction. */
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

/** The direction of what is added to make an order stable: that of the last step, so the order reverses as a whole. */
export function addedDirection(orders: readonly { readonly isDescending: boolean }[]): boolean {
  return orders.at(-1)?.isDescending ?? false;
}

/**
 * The order of a list, made stable by the primary key, which is also the order when none is asked for. The added key
 * goes in the direction of the last step: among rows of one moment, newest first shows the highest key first.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for those that have no order.
 */
export function parseSort(draft: Draft, sort: ListArguments['sort']): Order[] {
  const { scope } = draft;
  const orders = new Map<string, Order>();
  for (const { by, isDescending } of sortNames(sort)) {
    add(draft, orders, { by: operand(draft, targetByPath(scope, scope.collection, by)), isDescending });
  }
  const key = scope.collection.fields.get(scope.collection.primaryKey);
  if (!key) throw new Error(`${scope.collection.name} has no primary key`);
  const place = rootPlace(scope.collection);
  const isDescending = addedDirection([...orders.values()]);
  add(draft, orders, { by: operand(draft, { place, field: key, call: undefined }), isDescending });
  return [...orders.values()];
}

function add(draft: Draft, orders: Map<string, Order>, order: Order): void {
  if (order.by.type === 'hash') throw invalidQuery(`"${order.by.key}" is concealed and cannot be sorted by`);
  if (order.by.type === 'uuids') throw invalidQuery(`"${order.by.key}" is a list and cannot be sorted by`);
  // Sorting by the same once more changes nothing, and may not make the statement longer.
  if (orders.has(order.by.key)) return;
  draft.mark(`${order.isDescending ? '>' : '<'}${order.by.key}`);
  orders.set(order.by.key, order);
}
