import { statement } from '../../database/statement.ts';

/** A locked inbox. */
export interface LockedInboxCounts {
  readonly version: number;
  readonly unread: number;
  readonly seen_version: number;
}

/** Locks the inbox of one recipient; returns no row if it does not exist. The invariant is that of `lockInboxesOf`. */
export const lockInbox = statement<LockedInboxCounts>()({
  name: 'lock_inbox',
  text: 'select version, unread, seen_version from inboxes where recipient_id = $1::uuid for no key update',
  values: (recipient: string) => [recipient],
});
