import { invalidQuery } from '../errors.ts';
import { coerce, sqlTypes } from './coerce.ts';
import { allOf, anyOf, type Condition } from './condition.ts';
import type { Draft } from './draft.ts';
import type { Order } from './sort.ts';

type PositionValue = string | number | boolean | null;

/** A place in an ordered list: what each step of the order has there. */
export type Position = readonly PositionValue[];

/** Where reading begins: which part of a list lies behind a position, and whether more follows in a second statement. */
export interface Start {
  readonly condition: Condition;
  /** What lies behind all of that: the rows without a value of the first step, which no range of an index reaches. */
  readonly rest: Condition | undefined;
}

export function reversed(orders: readonly Order[]): Order[] {
  return orders.map(({ by, isDescending }) => ({ by, isDescending: !isDescending }));
}

/**
 * Spells a position as text that only `decodePosition` reads. It names the order, and holds values of the row, so it stays
 * good when the row is gone.
 */
export function encodePosition(orders: readonly Order[], position: Position): string {
  return Buffer.from(JSON.stringify([signatureOf(orders), ...position])).toString('base64url');
}

/** @throws ServiceError INVALID_QUERY naming the argument for text that is no position of a list in that order. */
export function decodePosition(argument: string, text: string, orders: readonly Order[]): Position {
  const [signature, ...values] = parsed(text);
  const refusal = () => invalidQuery(`"${argument}" is not a cursor of a list in this order`);
  if (signature !== signatureOf(orders) || values.length !== orders.length) throw refusal();
  return values.map((value, index) => {
    if (value === null) return null;
    const type = orders[index]?.by.type;
    const known = type && isScalar(value) ? coerce(type, value) : undefined;
    if (known === undefined || (typeof known === 'string' && known.includes('\0'))) throw refusal();
    return known;
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

/** Which rows lie behind the position. */
export function behind(draft: Draft, orders: readonly Order[], position: Position): Condition {
  draft.mark('@');
  return steps(draft, orders, position) ?? { kind: 'never' };
}

/**
 * As `behind`, as the place where reading begins: the first step also bounds what is read, which an index serves. The rows
 * without a value come last going up and are in no such range.
 */
export function startBehind(draft: Draft, orders: readonly Order[], position: Position): Start {
  const condition = behind(draft, orders, position);
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

/** Behind it by the first step, or level with it there and behind it by the others; undefined: nothing is. */
function steps(draft: Draft, [order, ...others]: readonly Order[], [value, ...more]: Position): Condition | undefined {
  if (!order) return undefined;
  const { by: operand, isDescending } = order;
  draft.mark(value === null || value === undefined ? '~' : '=');
  if (value === null || value === undefined) {
    const rest = steps(draft, others, more);
    const level = rest && allOf([{ kind: 'test', operand, test: 'null' }, rest]);
    // NULL is last going up and first going down.
    const found: Condition[] = isDescending ? [{ kind: 'test', operand, test: 'nnull' }] : [];
    return anyOf(level ? [...found, level] : found);
  }
  const bound = draft.bind(value, sqlTypes[operand.type]);
  const found: Condition[] = [{ kind: 'beyond', operand, sign: isDescending ? '<' : '>', value: bound }];
  if (!isDescending && others.length > 0) found.push({ kind: 'test', operand, test: 'null' });
  const rest = steps(draft, others, more);
  const level = rest && allOf([{ kind: 'beyond', operand, sign: '=', value: bound }, rest]);
  return anyOf(level ? [...found, level] : found);
}
