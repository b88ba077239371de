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
 * The condition for one operator and its value; undefined if it does not restrict the rows.
 * @throws ServiceError INVALID_QUERY when the operator does not apply to the operand, or the value is invalid.
 */
export function comparison(
  draft: Draft,
  operand: Operand,
  operator: string,
  given: FilterValue,
): Condition | undefined {
  assertFewConditions(draft.countCondition());
  const meaning = operatorFor(operand, operator);
  const use = { draft, operand, operator };
  draft.mark(`${operand.key} ${operator}`);
  // An optional GraphQL variable may be null; only equality operators compare with null.
  if (given === null && !(meaning.kind === 'compare' && isEquality(meaning.sign))) {
    draft.mark('-');
    return undefined;
  }
  // The schema has checked which operators take a list.
  const value = given as Scalar | null;
  const list = given as readonly (Scalar | null)[];
  switch (meaning.kind) {
    case 'compare':
      return compare(use, meaning.sign, value);
    case 'in':
      return isIn(use, meaning.negated, list);
    case 'between':
      return isBetween(use, meaning.negated, list);
    case 'has_element':
      return hasElement(use, meaning.negated, value);
    case 'like':
      return isLike(use, meaning, value);
    case 'test':
      return test(use, meaning, value);
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

function isLike(use: Use, meaning: Operator & { kind: 'like' }, given: Scalar | null): Condition {
  const { draft, operand } = use;
  let text: string | undefined;
  const finish = (value: string | number | boolean) => {
    text = String(value);
    if (meaning.ignoreCase) assertFewFolded(draft.countFolded(text.length));
    return around(meaning.position, escapeLike(text));
  };
  // For text operators, the text "null" is an ordinary text.
  const pattern = isNull(given) ? draft.bind(finish(String(given)), 'text') : readValue(use, given, finish);
  if (pattern === null) return { kind: 'never' };
  draft.avoidGenericPlan();
  const like: Condition = { ...meaning, operand, pattern };
  if (text === undefined || meaning.negated || !isInTexts(draft, operand)) return like;
  const candidates = amongCandidates(draft, text);
  return candidates === undefined ? like : { kind: 'all', members: [candidates, like] };
}

function hasElement(use: Use, negated: boolean, given: Scalar | null): Condition | undefined {
  const value = readValue(use, given);
  // No list contains null.
  if (value === null) return negated ? undefined : { kind: 'never' };
  return { kind: 'has_element', operand: use.operand, negated, value };
}

function around(position: Position, text: string): string {
  if (position === 'start') return `${text}%`;
  return position === 'end' ? `%${text}` : `%${text}%`;
}

function test(use: Use, meaning: Operator & { kind: 'test' }, given: Scalar | null): Condition {
  const negated = meaning.negated !== (given === false);
  use.draft.mark(negated ? '!' : '=');
  return { kind: 'test', operand: use.operand, test: `${negated ? 'n' : ''}${meaning.test}` };
}

function requireValues(use: Use, { length }: readonly unknown[]): void {
  if (length === 0) throw refusal(use, 'takes a list with at least one value');
}
