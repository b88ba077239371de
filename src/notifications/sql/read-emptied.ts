import { statement } from '../../database/statement.ts';
import type { VersionRange } from '../ranges.ts';

/**
 * What is told of these users' inboxes when they go. With the inbox goes every trace of what lay in it, so those who see
 * all inboxes are told the keys. Of a user without one it is told, too, that they are gone: they may follow the inbox that
 * they would have had. Keys and versions of many inboxes in one statement.
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
