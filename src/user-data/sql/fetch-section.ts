import { runOn } from '../../database/statement.ts';
import type { Section } from './sections.ts';

/** The next rows of an open section, at most `count`. PostgreSQL takes neither the name nor the count as parameters. */
export function fetchSection(
  this: unknown,
  { type }: Pick<Section, 'type'>,
  count: number,
): Promise<Readonly<Record<string, unknown>>[]> {
  return runOn(this, { text: `fetch ${Math.trunc(count)} from export_${type}`, values: [] });
}
