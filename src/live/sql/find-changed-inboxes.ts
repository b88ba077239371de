import { statement } from '../../database/statement.ts';

/**
 * The inboxes whose version is another than the given one. Bench `live`: each node asks for the inboxes it serves every few
 * seconds, hundreds at a time.
 */
export const findChangedInboxes = statement<{ readonly recipient_id: string; readonly version: number }>()({
  name: 'changed_inboxes',
  text: `
  select inbox.recipient_id, inbox.version
  from unnest($1::uuid[], $2::bigint[]) as seen (recipient_id, version) join inboxes as inbox using (recipient_id)
  where inbox.version <> seen.version`,
  // Array literals as text are cheaper to serialise than arrays.
  values: (recipients: readonly string[], versions: readonly number[]) => [`{${recipients}}`, `{${versions}}`],
});
