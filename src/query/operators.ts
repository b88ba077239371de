import { invalidQuery } from '../errors.ts';
import type { Position, Sign } from './condition.ts';
import type { Operand } from './resolve-field.ts';

/** The meaning of an operator, which determines the kind of its value. */
export type Operator =
  | { readonly kind: 'compare'; readonly sign: Sign }
  | { readonly kind: 'in' | 'between'; readonly negated: boolean }
  | { readonly kind: 'like'; readonly negated: boolean; readonly ignoreCase: boolean; readonly position: Position }
  | { readonly kind: 'has_element'; readonly negated: boolean }
  | { readonly kind: 'test'; readonly test: 'null' | 'empty'; readonly negated: boolean };

const like = (position: Position, negated = false, ignoreCase = false): Operator => ({
  kind: 'like',
  position,
  negated,
  ignoreCase,
});

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['_eq', { kind: 'compare', sign: '=' }],
  ['_neq', { kind: 'compare', sign: '<>' }],
  ['_lt', { kind: 'compare', sign: '<' }],
  ['_lte', { kind: 'compare', sign: '<=' }],
  ['_gt', { kind: 'compare', sign: '>' }],
  ['_gte', { kind: 'compare', sign: '>=' }],
  ['_in', { kind: 'in', negated: false }],
  ['_nin', { kind: 'in', negated: true }],
  ['_between', { kind: 'between', negated: false }],
  ['_nbetween', { kind: 'between', negated: true }],
  ['_contains', like('anywhere')],
  ['_ncontains', like('anywhere', true)],
  ['_icontains', like('anywhere', false, true)],
  ['_starts_with', like('start')],
  ['_nstarts_with', like('start', true)],
  ['_istarts_with', like('start', false, true)],
  ['_nistarts_with', like('start', true, true)],
  ['_ends_with', like('end')],
  ['_nends_with', like('end', true)],
  ['_iends_with', like('end', false, true)],
  ['_niends_with', like('end', true, true)],
  ['_null', { kind: 'test', test: 'null', negated: false }],
  ['_nnull', { kind: 'test', test: 'null', negated: true }],
  ['_empty', { kind: 'test', test: 'empty', negated: false }],
  ['_nempty', { kind: 'test', test: 'empty', negated: true }],
]);

/** Operators of lists; their names are those of text operators. */
const listOperators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['_contains', { kind: 'has_element', negated: false }],
  ['_ncontains', { kind: 'has_element', negated: true }],
]);

const named = (pattern: RegExp) => new Set([...operators.keys()].filter((name) => pattern.test(name)));
const ordered = named(/^_(n?eq|[lg]te?|n?between|n?in|n?null)$/);

/** All operators of each field type. */
const operatorsOf: Readonly<Record<Operand['type'], ReadonlySet<string>>> = {
  integer: ordered,
  timestamp: ordered,
  string: named(/^_(n?eq|n?i?starts_with|n?i?ends_with|n?contains|icontains|n?empty|n?in|n?null)$/),
  uuids: new Set(listOperators.keys()),
  uuid: named(/^_(n?eq|n?in|n?null)$/),
  boolean: named(/^_(n?eq|n?null)$/),
  hash: named(/^_(n?empty|n?null)$/),
};

/**
 * The operator with this name, if it applies to the operand.
 * @throws ServiceError INVALID_QUERY when it is unknown or does not apply.
 */
export function operatorFor(operand: Operand, name: string): Operator {
  const operator = operand.type === 'uuids' ? listOperators.get(name) : operators.get(name);
  if (operator && operatorsOf[operand.type].has(name)) return operator;
  throw invalidQuery(`"${operand.key}" does not take the operator "${name}"`);
}
