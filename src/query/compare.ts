import { amongCandidates, isInTexts } from './candidate-condition.ts';
import type { Condition, Literal, Position, Sign } from './condition.ts';
import type { Draft } from './draft.ts';
import { requireFew, requireFewFolded } from './effort.ts';
import { valuesOf } from './lists.ts';
import type { Operand } from './operand.ts';
import { type Operator, operatorFor } from './operators.ts';
import { escapeLike } from './text.ts';
import { nativeOf, readList, readValue, refusal, type Use } from './value.ts';

/**
 * The condition of one operator and its value; undefined when it restricts nothing.
 * @throws ServiceError INVALID_QUERY when the operator does not apply to the operand, or the value is invalid.
 */
export function comparison(draft: Draft, operand: Operand, operator: string, given: unknown): Condition | undefined {
  requireFew(draft.countCondition());
  const meant = operatorFor(operand, operator);
  const use = { draft, operand, operator };
  draft.mark(`${operand.key} ${operator}`);
  switch (meant.kind) {
    case 'compare':
      return compare(use, meant.sign, given);
    case 'in':
      return isIn(use, meant.negated, given);
    case 'between':
      return isBetween(use, meant.negated, given);
    case 'holds':
      return holds(use, meant.negated, given);
    case 'like':
      return isLike(use, meant, given);
    case 'test':
      return test(use, meant, given);
  }
}

function compare(use: Use, sign: Sign, given: unknown): Condition | undefined {
  const { operand } = use;
  const orders = sign !== '=' && sign !== '<>';
  // An optional GraphQL variable may be null; only equality operators compare with null.
  if (given === null && orders) return notGiven(use);
  const value = readValue(use, given);
  if (value !== null) {
    const literal = value.kind === 'slot' && sign === '=' ? literalOf(use, use.draft.values[value.index]) : undefined;
    return { kind: 'compare', operand, sign, value: literal ?? value };
  }
  if (orders) throw refusal(use, 'cannot be null');
  return { kind: 'test', operand, test: sign === '=' ? 'null' : 'nnull' };
}

function isIn(use: Use, negated: boolean, given: unknown): Condition | undefined {
  if (given === null) return notGiven(use);
  const { operand, draft } = use;
  const members = readList(use, requireValues(use, given));
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

function isBetween(use: Use, negated: boolean, given: unknown): Condition | undefined {
  if (given === null) return notGiven(use);
  const [low, high, ...rest] = requireValues(use, given);
  // Directus ignores a range without two ends, and clients with half-filled forms rely on that.
  if (high === undefined || rest.length > 0) return notGiven(use);
  const from = readValue(use, low);
  const to = readValue(use, high);
  if (from === null || to === null) throw refusal(use, 'cannot be null');
  return { kind: 'between', operand: use.operand, negated, from, to };
}

function isLike(use: Use, meant: Operator & { kind: 'like' }, given: unknown): Condition | undefined {
  if (given === null) return notGiven(use);
  const { draft, operand } = use;
  let text: string | undefined;
  const finish = (value: string | number | boolean) => {
    text = String(value);
    if (meant.ignoreCase) requireFewFolded(draft.countFolded(text.length));
    return around(meant.position, escapeLike(text));
  };
  // For text operators, the text "null" is an ordinary text.
  const spelled = nativeOf(given) === null ? String(given) : undefined;
  const pattern = spelled === undefined ? readValue(use, given, finish) : draft.bind(finish(spelled), 'text');
  if (pattern === null) return { kind: 'never' };
  draft.planAnew();
  const like: Condition = { ...meant, operand, pattern };
  if (text === undefined || meant.negated || !isInTexts(draft, operand)) return like;
  const among = amongCandidates(draft, text);
  return among === undefined ? like : { kind: 'all', members: [among, like] };
}

function holds(use: Use, negated: boolean, given: unknown): Condition | undefined {
  if (given === null) return notGiven(use);
  const value = readValue(use, given);
  // A missing id is in no list.
  if (value === null) return negated ? undefined : { kind: 'never' };
  return { kind: 'holds', operand: use.operand, negated, value };
}

function around(position: Position, text: string): string {
  if (position === 'start') return `${text}%`;
  return position === 'end' ? `%${text}` : `%${text}%`;
}

function test(use: Use, meant: Operator & { kind: 'test' }, given: unknown): Condition | undefined {
  if (given === null) return notGiven(use);
  const native = nativeOf(given);
  if (native !== true && native !== false && native !== '') throw refusal(use, 'takes true or false');
  const negated = meant.negated !== (native === false);
  use.draft.mark(negated ? '!' : '=');
  return { kind: 'test', operand: use.operand, test: `${negated ? 'n' : ''}${meant.test}` };
}

function requireValues(use: Use, given: unknown): readonly unknown[] {
  const values = valuesOf(given);
  if (!values || values.length === 0) throw refusal(use, 'takes a list with at least one value');
  return values;
}

function notGiven(use: Use): undefined {
  use.draft.mark('-');
}
