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

export const hidden = (array: string) => `(select ${array})`;

/**
 * From this many entries on, statements are planned each time: one that was prepared when the table was small would read
 * all of it for each entry.
 */
export const manyEntries = 100;

/**
 * SQL for one array per column, from the parameter `first` on. The subselects hide the lengths of the arrays
 * from the planner, which would otherwise read a large table from its beginning to its end instead of by its index.
 */
export const arraysFrom = (first: number) =>
  Object.values(upsertedColumns)
    .map((type, index) => hidden(`$${first + index}::${type}[]`))
    .join(', ');

/** The arrays of the columns, and for each entry a number with one bit per column that it has. */
export function columnsOf(entries: readonly EntryColumns[]) {
  const columns = new Map<string, Column>(
    upsertedNames.map((name, index) => [name, { bit: 1 << index, values: undefined }]),
  );
  const bits = entries.map((entry, index) => {
    let given = 0;
    for (const [name, value] of Object.entries(entry)) {
      const column = columns.get(name);
      if (column === undefined) continue;
      column.values ??= new Array<string | boolean | null>(entries.length).fill(null);
      column.values[index] = value;
      given |= column.bit;
    }
    return given;
  });
  // A column that no entry has is null, of which `unnest` makes NULLs.
  const arrays = [...columns.values()].map(({ values }) => (values === undefined ? null : textArray(values)));
  return { arrays, bits };
}

interface Column {
  readonly bit: number;
  values: (string | boolean | null)[] | undefined;
}
