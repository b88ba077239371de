import { statement } from '../../database/statement.ts';
import type { VersionRange } from '../ranges.ts';

/**
 * The ranges to publish when these users' inboxes are deleted. The ranges contain the keys of the notifications,
 * because the rows cannot be read after the delete. Users without an inbox are included, because they may have
 * open feeds, too.
 */
export const readEmptied = statement<VersionRange>()({
  name: 'read_emptied',
  isPlannedEachTime: true,
  text: `
  select users.id as recipient, coalesce(inbox.version, 0) as "from", coalesce(inbox.version, 0) as "to",
         array(select id from notifications n where n.recipient_id = users.id order by id) as deleted
  from users left join inboxes as inbox on inbox.recipient_id = users.id
  where users.id = any ($1::uuid[])
  order by users.id`,
  values: (users: readonly string[]) => [users],
});
