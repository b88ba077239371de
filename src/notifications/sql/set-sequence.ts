import { statement } from '../../database/statement.ts';

/**
 * Sets the sequence to this key, so that the next key follows it. Used when advancing the sequence number by number
 * would take too long. Prisma has no access to sequences.
 */
export const setSequence = statement<object>()({
  name: 'set_sequence',
  text: `select setval('notifications_id_seq', $1::bigint)`,
  values: (key: number) => [key],
});
