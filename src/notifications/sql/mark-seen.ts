import { statement } from '../../database/statement.ts';
import { unseenSql } from './fragments.ts';

/**
 * Marks everything in a locked inbox as seen that was shown at this version or before; returns no row if all of it was
 * seen. The invariant: the write takes a version of the inbox, which no row has, so that followers read the figures.
 */
export const markSeen = statement<{ readonly version: number }>()({
  name: 'mark_seen',
  text: `
    update inboxes as inbox set seen_version = $2::bigint, version = inbox.version + 1
    where inbox.recipient_id = $1::uuid and exists (
      select from notifications n
      where n.recipient_id = $1 and ${unseenSql('n', 'inbox.seen_version')}
        and coalesce(n.shown_version, n.created_version) <= $2
    )
    returning inbox.version`,
  values: (recipient: string, upTo: number) => [recipient, upTo],
});
