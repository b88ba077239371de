import { statement } from '../../database/statement.ts';

/**
 * Sets the sequence so that this key is followed by the next one; for distances too long to walk. Prisma has no access
 * to sequences.
 */
export const setSequence = statement<object>()({
  name: 'set_sequence',
  text: `select setval('notifications_id_seq', $1::bigint)`,
  values: (key: number) => [key],
});
