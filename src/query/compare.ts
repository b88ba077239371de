import { amongCandidates, isInTexts } from './candidate-condition.ts';
import type { Condition, Literal, Position, Sign } from './condition.ts';
import type { Draft } from './draft.ts';
import type { FilterValue, Scalar } from './filter-input.ts';
import { type Operator, operatorFor } from './operators.ts';
import { assertFewConditions, assertFewFolded } from './query-limits.ts';
import type { Operand } from './resolve-field.ts';
import { escapeLike } from './text.ts';
import { isNull, readList, readValue, refusal, type Use } from './value.ts';

/**
 * The condition of one operator and its value; undefined when it restricts nothing.
 * @throws ServiceError INVALID_QUERY when the operator does not apply to the operand, or the value is invalid.
 */
export function comparison(
  draft: Draft,
  operand: Operand,
  operator: string,
  given: FilterValue,
): Condition | undefined {
  assertFewConditions(draft.countCondition());
  const meant = operatorFor(operand, operator);
  const use = { draft, operand, operator };
  draft.mark(`${operand.key} ${operator}`);
  // An optional GraphQL variable may be null; only equality operators compare with null.
  if (given === null && !(meant.kind === 'compare' && isEquality(meant.sign))) {
    draft.mark('-');
    return undefined;
  }
  // The schema has checked which operators take a list.
  const value = given as Scalar | null;
  const list = given as readonly (Scalar | null)[];
  switch (meant.kind) {
    case 'compare':
      return compare(use, meant.sign, value);
    case 'in':
      return isIn(use, meant.negated, list);
    case 'between':
      return isBetween(use, meant.negated, list);
    case 'holds':
      return holds(use, meant.negated, value);
    case 'like':
      return isLike(use, meant, value);
    case 'test':
      return test(use, meant, value);
  }
}

function isEquality(sign: Sign): boolean {
  return sign === '=' || sign === '<>';
}

function compare(use: Use, sign: Sign, given: Scalar | null): Condition {
  const { operand } = use;
  const value = readValue(use, given);
  if (value !== null) {
    const literal = value.kind === 'slot' && sign === '=' ? literalOf(use, use.draft.values[value.index]) : undefined;
    return { kind: 'compare', operand, sign, value: literal ?? value };
  }
  if (!isEquality(sign)) throw refusal(use, 'cannot be null');
  return { kind: 'test', operand, test: sign === '=' ? 'null' : 'nnull' };
}

function isIn(use: Use, negated: boolean, given: readonly (Scalar | null)[]): Condition {
  const { operand, draft } = use;
  requireValues(use, given);
  const members = readList(use, given);
  const values = draft.values[members.list.index];
  const isOne = !negated && members.more.length === 0 && Array.isArray(values) && values.length === 1;
  const literal = isOne ? literalOf(use, values[0]) : undefined;
  if (literal) return { kind: 'compare', operand, sign: '=', value: literal };
  return { kind: 'in', operand, negated, ...members };
}

/** The value as a constant, if the field has a fixed set of values that includes it. */
function literalOf({ draft, operand }: Use, value: unknown): Literal | undefined {
  if (operand.call !== undefined) return undefined;
  const text = operand.field.values?.find((each) => each === value);
  if (text === undefined) return undefined;
  draft.mark(`"${text}"`);
  return { kind: 'literal', text };
}

function isBetween(use: Use, negated: boolean, given: readonly (Scalar | null)[]): Condition | undefined {
  requireValues(use, given);
  const [low, high, ...rest] = given;
  // Directus ignores a range without two ends, and clients with half-filled forms rely on that.
  if (low === undefined || high === undefined || rest.length > 0) {
    use.draft.mark('-');
    return undefined;
  }
  const from = readValue(use, low);
  const to = readValue(use, high);
  if (from === null || to === null) throw refusal(use, 'cannot be null');
  return { kind: 'between', operand: use.operand, negated, from, to };
}

function isLike(use: Use, meant: Operator & { kind: 'like' }, given: Scalar | null): Condition {
  const { draft, operand } = use;
  let text: string | undefined;
  const finish = (value: string | number | boolean) => {
    text = String(value);
    if (meant.ignoreCase) assertFewFolded(draft.countFolded(text.length));
    return around(meant.position, escapeLike(text));
  };
  // For text operators, the text "null" is an ordinary text.
  const pattern = isNull(given) ? draft.bind(finish(String(given)), 'text') : readValue(use, given, finish);
  if (pattern === null) return { kind: 'never' };
  draft.markPlannedAnew();
  const like: Condition = { ...meant, operand, pattern };
  if (text === undefined || meant.negated || !isInTexts(draft, operand)) return like;
  const among = amongCandidates(draft, text);
  return among === undefined ? like : { kind: 'all', members: [among, like] };
}

function holds(use: Use, negated: boolean, given: Scalar | null): Condition | undefined {
  const value = readValue(use, given);
  // A missing id is in no list.
  if (value === null) return negated ? undefined : { kind: 'never' };
  return { kind: 'holds', operand: use.operand, negated, value };
}

function around(position: Position, text: string): string {
  if (position === 'start') return `${text}%`;
  return position === 'end' ? `%${text}` : `%${text}%`;
}

function test(use: Use, meant: Operator & { kind: 'test' }, given: Scalar | null): Condition {
  const negated = meant.negated !== (given === false);
  use.draft.mark(negated ? '!' : '=');
  return { kind: 'test', operand: use.operand, test: `${negated ? 'n' : ''}${meant.test}` };
}

function requireValues(use: Use, { length }: readonly unknown[]): void {
  if (length === 0) throw refusal(use, 'takes a list with at least one value');
}
