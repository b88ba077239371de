import { statement } from '../../database/statement.ts';

/** The next key of the sequence. Prisma has no access to sequences. */
export const nextKey = statement<{ readonly value: number }>()({
  name: 'next_key',
  text: 'select last_value + is_called::int as value from notifications_id_seq',
  values: () => [],
});
