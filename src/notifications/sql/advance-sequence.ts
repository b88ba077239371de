import { statement } from '../../database/statement.ts';

/**
 * Advances the sequence by `count` numbers. Unlike setting the sequence, this cannot make it repeat a number that
 * another session took concurrently. Prisma has no access to sequences.
 */
export const advanceSequence = statement<object>()({
  name: 'advance_sequence',
  text: `select nextval('notifications_id_seq') from generate_series(1, $1::int)`,
  values: (count: number) => [count],
});
