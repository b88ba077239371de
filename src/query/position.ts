import { invalidQuery } from '../errors.ts';
import { coerce, sqlTypes } from './coerce.ts';
import { allOf, anyOf, type Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import type { Order } from './sort.ts';

type PositionValue = string | number | boolean | null;

/** A position in an ordered list: the values of a row for the sort keys. */
export type Position = readonly PositionValue[];

/** The rows to read after a position: those that the first statement reads, and those that need a second one. */
export interface Start {
  readonly condition: Condition;
  /**
   * The rows after all of those: rows with null in the first sort key, which the range scan of an index does not reach.
   */
  readonly rest: Condition | undefined;
}

export function reversed(orders: readonly Order[]): Order[] {
  return orders.map(({ by, isDescending }) => ({ by, isDescending: !isDescending }));
}

/**
 * Encodes a position as opaque text for `decodePosition`. It contains the order and the values of the row, so it stays
 * valid when the row is deleted.
 */
export function encodePosition(orders: readonly Order[], position: Position): string {
  return Buffer.from(JSON.stringify([signatureOf(orders), ...position])).toString('base64url');
}

/** @throws ServiceError INVALID_QUERY naming the argument for text that is not a position in this order. */
export function decodePosition(argument: string, text: string, orders: readonly Order[]): Position {
  const [signature, ...values] = parsed(text);
  const refusal = () => invalidQuery(`"${argument}" is not a cursor of a list in this order`);
  if (signature !== signatureOf(orders) || values.length !== orders.length) throw refusal();
  return values.map((value, index) => {
    if (value === null) return null;
    const type = orders[index]?.by.type;
    const coerced = type && isScalar(value) ? coerce(type, value) : undefined;
    if (coerced === undefined || (typeof coerced === 'string' && coerced.includes('\0'))) throw refusal();
    return coerced;
  });
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function signatureOf(orders: readonly Order[]): string {
  return orders.map(({ by, isDescending }) => `${isDescending ? '-' : ''}${by.key}`).join();
}

/** The condition for rows after the position. */
export function rowsAfter(draft: Draft, orders: readonly Order[], position: Position): Condition {
  draft.mark('@');
  return rowsAfterKeys(draft, orders, position) ?? { kind: 'never' };
}

/**
 * Like `rowsAfter`, with an additional range on the first sort key, for which PostgreSQL can use an index. In ascending
 * order, rows with null come last and are outside that range.
 */
export function startAfter(draft: Draft, orders: readonly Order[], position: Position): Start {
  const condition = rowsAfter(draft, orders, position);
  const [order] = orders;
  const value = position[0] ?? null;
  if (!order || value === null || orders.length === 1) return { condition, rest: undefined };
  const { by, isDescending } = order;
  const bound: Condition = {
    kind: 'beyond',
    operand: by,
    sign: isDescending ? '<=' : '>=',
    value: draft.bind(value, sqlTypes[by.type]),
  };
  const bounded = allOf([bound, condition]) ?? condition;
  return { condition: bounded, rest: isDescending ? undefined : { kind: 'test', operand: by, test: 'null' } };
}

/**
 * The condition that a row is after the position by the first sort key, or equal in it and after the position by the
 * other sort keys. Undefined if no row can be after the position.
 */
function rowsAfterKeys(
  draft: Draft,
  [order, ...others]: readonly Order[],
  [value, ...more]: Position,
): Condition | undefined {
  if (!order) return undefined;
  const { by: operand, isDescending } = order;
  draft.mark(value === null || value === undefined ? '~' : '=');
  if (value === null || value === undefined) {
    const rest = rowsAfterKeys(draft, others, more);
    const equal = rest && allOf([{ kind: 'test', operand, test: 'null' }, rest]);
    // Null sorts last in ascending and first in descending order.
    const found: Condition[] = isDescending ? [{ kind: 'test', operand, test: 'nnull' }] : [];
    return anyOf(equal ? [...found, equal] : found);
  }
  const bound = draft.bind(value, sqlTypes[operand.type]);
  const found: Condition[] = [{ kind: 'beyond', operand, sign: isDescending ? '<' : '>', value: bound }];
  if (!isDescending && others.length > 0) found.push({ kind: 'test', operand, test: 'null' });
  const rest = rowsAfterKeys(draft, others, more);
  const equal = rest && allOf([{ kind: 'beyond', operand, sign: '=', value: bound }, rest]);
  return anyOf(equal ? [...found, equal] : found);
}
