import { invalidQuery } from '../errors.ts';
import type { Condition } from './condition.ts';

/**
 * PostgreSQL plans long alternatives and long lists in no time, but takes time that grows with the square of the
 * conditions that must all hold, and with the cube of the alternatives among them; nothing interrupts it then.
 * At these numbers it takes a few hundred milliseconds at worst.
 */
const requirementsMax = 1000;
const alternativesMax = 250;
/** Of a whole filter, however they are nested: each is evaluated for every row that is looked at. */
const conditionsMax = 1000;
/**
 * Characters that are looked for whatever their case, in a search and in a whole filter: PostgreSQL folds them anew for
 * every row and field, 7 ns each, so a hundred thousand took half a minute for 10,000 rows.
 */
const searchMax = 1000;
const foldedMax = 10_000;

/**
 * Refuses conditions that would keep PostgreSQL planning.
 * @throws ServiceError INVALID_QUERY
 */
export function requirePlannable(conditions: readonly Condition[]): void {
  const alternatives = count({ kind: 'all', members: conditions });
  if (alternatives > alternativesMax) throw tooMany(alternativesMax, 'alternatives');
}

/**
 * Refuses a filter that goes on for too long, as it is read.
 * @throws ServiceError INVALID_QUERY
 */
export function requireFew(conditions: number): void {
  if (conditions > conditionsMax) throw tooMany(conditionsMax, 'conditions');
}

/**
 * Refuses a filter that looks for too much text whatever its case, as it is read.
 * @throws ServiceError INVALID_QUERY
 */
export function requireFewFolded(characters: number): void {
  if (characters > foldedMax) throw tooMany(foldedMax, 'characters that are looked for whatever their case');
}

/**
 * Refuses a text that is too long to search for.
 * @throws ServiceError INVALID_QUERY
 */
export function requireShortSearch(text: string): void {
  if (text.length > searchMax) throw invalidQuery(`"search" may have at most ${searchMax} characters`);
}

/** How many alternatives there are among requirements, at any depth. */
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

/** What must hold, without the groups it is written in, which PostgreSQL dissolves as well. */
function requirements({ members }: Condition & { kind: 'all' }): readonly Condition[] {
  const found = members.flatMap((member) => (member.kind === 'all' ? requirements(member) : [member]));
  if (found.length > requirementsMax) throw tooMany(requirementsMax, 'conditions that must all hold');
  return found;
}

function isAlternative(condition: Condition): boolean {
  if (condition.kind === 'between') return condition.negated;
  return condition.kind === 'any' || (condition.kind === 'test' && condition.test === 'empty');
}

/** Each of them is a subquery. */
function isComputed(condition: Condition): boolean {
  return 'operand' in condition && condition.operand.field.expression !== undefined;
}

function tooMany(most: number, what: string): Error {
  return invalidQuery(`"filter" may have at most ${most} ${what}`);
}
