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
