import { statement } from '../../database/statement.ts';

/**
 * Draws `count` numbers from the sequence. Unlike setting it, this cannot lose a number drawn concurrently. Prisma has
 * no access to sequences.
 */
export const walkSequence = statement<object>()({
  name: 'walk_sequence',
  text: `select nextval('notifications_id_seq') from generate_series(1, $1::int)`,
  values: (count: number) => [count],
});
