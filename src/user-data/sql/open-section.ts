import { runOn } from '../../database/statement.ts';
import type { Section } from './sections.ts';

/** Opens the cursor of a section for one user, named like the type of its lines. It closes with the transaction. */
export function openSection(
  this: unknown,
  { type, from, where, orderBy, columns }: Section,
  userId: string,
): Promise<object[]> {
  return runOn(this, {
    text: `declare export_${type} no scroll cursor for
      select ${columns.join(', ')} from ${from} where ${where} order by ${orderBy}`,
    values: [userId],
  });
}
