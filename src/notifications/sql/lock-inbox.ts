import { statement } from '../../database/statement.ts';

/** Locks the inbox of one recipient; returns no row if it does not exist. The invariant is that of `lockInboxesOf`. */
export const lockInbox = statement<{ readonly version: number; readonly unread: number }>()({
  name: 'lock_inbox',
  text: 'select version, unread from inboxes where recipient_id = $1::uuid for no key update',
  values: (recipient: string) => [recipient],
});
