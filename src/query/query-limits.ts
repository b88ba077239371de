import { invalidQuery } from '../errors.ts';
import type { Condition } from './condition.ts';

/**
 * Maximum number of conditions that must all hold. PostgreSQL plans long alternatives and long lists quickly, but
 * planning takes quadratic time in required conditions and cubic time in the alternatives among them, and cannot be
 * interrupted. With these limits it takes a few hundred milliseconds at most.
 */
const requirementsMax = 1000;
const alternativesMax = 250;
/** Maximum number of conditions in a filter at any depth: each is evaluated for every row read. */
const conditionsMax = 1000;
/**
 * Maximum number of case-insensitive characters in a search and in a whole filter: PostgreSQL folds them for every row
 * and field at 7 ns each, so that 100,000 took half a minute on 10,000 rows.
 */
const searchMax = 1000;
const foldedMax = 10_000;

/**
 * Refuses conditions that PostgreSQL would take too long to plan.
 * @throws ServiceError INVALID_QUERY
 */
export function requirePlannable(conditions: readonly Condition[]): void {
  const alternatives = count({ kind: 'all', members: conditions });
  if (alternatives > alternativesMax) throw tooMany(alternativesMax, 'alternatives');
}

/**
 * Refuses a filter with too many conditions while it is parsed.
 * @throws ServiceError INVALID_QUERY
 */
export function assertFewConditions(conditions: number): void {
  if (conditions > conditionsMax) throw tooMany(conditionsMax, 'conditions');
}

/**
 * Refuses a filter with too many case-insensitive characters while it is parsed.
 * @throws ServiceError INVALID_QUERY
 */
export function assertFewFolded(characters: number): void {
  if (characters > foldedMax) throw tooMany(foldedMax, 'characters in case-insensitive conditions');
}

/**
 * Refuses a search text that is too long.
 * @throws ServiceError INVALID_QUERY
 */
export function requireShortSearch(text: string): void {
  if (text.length > searchMax) throw invalidQuery(`"search" may have at most ${searchMax} characters`);
}

/** Number of alternatives among the required conditions, at any depth. */
function count(condition: Condition): number {
  if (condition.kind !== 'all' && condition.kind !== 'any') return isComputed(condition) ? 1 : 0;
  const members = condition.kind === 'all' ? requirements(condition) : condition.members;
  let sum = 0;
  for (const member of members) {
    if (condition.kind === 'all' && isAlternative(member)) sum += 1;
    sum += count(member);
  }
  return sum;
}

/** The required conditions, with nested groups flattened as in PostgreSQL. */
function requirements({ members }: Condition & { kind: 'all' }): readonly Condition[] {
  const found = members.flatMap((member) => (member.kind === 'all' ? requirements(member) : [member]));
  if (found.length > requirementsMax) throw tooMany(requirementsMax, 'conditions that must all hold');
  return found;
}

function isAlternative(condition: Condition): boolean {
  if (condition.kind === 'between') return condition.negated;
  return condition.kind === 'any' || (condition.kind === 'test' && condition.test === 'empty');
}

/** Whether the condition is on a computed field, which compiles to a subquery. */
function isComputed(condition: Condition): boolean {
  return 'operand' in condition && condition.operand.field.expression !== undefined;
}

function tooMany(max: number, what: string): Error {
  return invalidQuery(`"filter" may have at most ${max} ${what}`);
}
