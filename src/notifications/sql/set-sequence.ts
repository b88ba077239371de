import { statement } from '../../database/statement.ts';

/** Sets the sequence, so that it gives the key after this one next: for distances too long to walk. */
export const setSequence = statement<object>()({
  name: 'set_sequence',
  text: `select setval('notifications_id_seq', $1::bigint)`,
  values: (key: number) => [key],
});
