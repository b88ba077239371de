import { statement } from '../../database/statement.ts';

/**
 * Sets the sequence to this key, so that the next key follows it. Used where drawing the keys between one by one takes
 * too long. Prisma has no access to sequences.
 */
export const setSequence = statement<object>()({
  name: 'set_sequence',
  text: `select setval('notifications_id_seq', $1::bigint)`,
  values: (key: number) => [key],
});
