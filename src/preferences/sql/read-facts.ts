import { statement } from '../../database/statement.ts';
import type { StoredFacts } from '../facts.ts';
import { factsSql } from './facts.ts';

/** The facts by user id; null if none of the users chose anything. */
export interface FactsRow {
  readonly facts: StoredFacts | null;
}

/**
 * Reads what many users chose about templates, in one statement whatever their number: Prisma would need three
 * queries, and would return a row for each choice.
 */
export const readFacts = statement<FactsRow>()({
  name: 'read_decision_facts',
  text: `select ${factsSql('$1::uuid[]', '$2::uuid[]')} as facts`,
  values: (users: readonly string[], templates: readonly string[]) => [users, templates],
});
