import { statement } from '../../database/statement.ts';
import { textArray } from '../../database/text-array.ts';
import type { EntryColumns } from '../upsert-input.ts';
import { arraysFrom, columnsOf, hidden, manyEntries, upsertedNames } from './upserted-columns.ts';

const isGiven = (index: number) => `given.bits & ${1 << index} <> 0`;
const changed = upsertedNames.map(
  (name, index) => `${name} = case when ${isGiven(index)} then given.${name} else users.${name} end`,
);
const differs = upsertedNames.map(
  (name, index) => `${isGiven(index)} and users.${name} is distinct from given.${name}`,
);

/**
 * Changes users, each by its own columns, and returns those that are different afterwards. The caller must have locked
 * the rows. Prisma would need a statement for each user. Measured by bench `upsert-users`.
 */
export const updateUpserted = statement<{ readonly id: string }>()({
  name: 'update_upserted_users',
  text: `
    update users set ${changed.join(', ')}
    from unnest(${hidden('$1::uuid[]')}, ${hidden('$2::int[]')}, ${arraysFrom(3)}) as given (id, bits, ${upsertedNames.join(', ')})
    where users.id = given.id and (${differs.join(' or ')})
    returning users.id`,
  isPlannedEachTime: ({ length }) => length >= manyEntries,
  values: (users: readonly { readonly id: string; readonly columns: EntryColumns }[]) => {
    const { arrays, bits } = columnsOf(users.map(({ columns }) => columns));
    return [textArray(users.map(({ id }) => id)), `{${bits.join()}}`, ...arrays];
  },
});
