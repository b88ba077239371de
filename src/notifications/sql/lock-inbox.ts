import { statement } from '../../database/statement.ts';

/** Locks one inbox; no row where there is none. The invariant: as `lockInboxesOf`, for an inbox that is known. */
export const lockInbox = statement<{ readonly version: number; readonly unread: number }>()({
  name: 'lock_inbox',
  text: 'select version, unread from inboxes where recipient_id = $1::uuid for no key update',
  values: (recipient: string) => [recipient],
});
