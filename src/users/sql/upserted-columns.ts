import { textArray } from '../../database/text-array.ts';
import type { EntryColumns } from '../upsert-input.ts';

/** The columns of users that an upsert writes, with their types. */
const upsertedColumns = {
  external_id: 'text',
  email: 'text',
  username: 'text',
  first_name: 'text',
  last_name: 'text',
  title: 'text',
  location: 'text',
  description: 'text',
  avatar: 'uuid',
  language: 'text',
  timezone: 'text',
  role: 'text',
  status: 'text',
  email_notifications: 'boolean',
} as const;

export const upsertedNames = Object.keys(upsertedColumns) as (keyof typeof upsertedColumns)[];

/** SQL for one array per column, from the parameter `first` on. */
export const arraysFrom = (first: number) =>
  Object.values(upsertedColumns)
    .map((type, index) => `$${first + index}::${type}[]`)
    .join(', ');

/** The value of each array: null for a column that no entry has, of which `unnest` makes NULLs. */
export function arraysOf(entries: readonly EntryColumns[]): (string | null)[] {
  return upsertedNames.map((name) =>
    entries.some(({ [name]: value }) => value !== undefined) ? textArray(entries.map((entry) => entry[name])) : null,
  );
}

/** The columns that an entry has, as a number with one bit per column. */
export function givenBits(entry: EntryColumns): number {
  let bits = 0;
  for (const [index, name] of upsertedNames.entries()) if (entry[name] !== undefined) bits |= 1 << index;
  return bits;
}
