import type { Database } from '../database/database.ts';
import type { NotificationId } from './model.ts';
import type { VersionRange } from './ranges.ts';
import {
  assertNoneElsewhere,
  bigints,
  lockInboxesOf,
  rangesOf,
  retryMoved,
  stampSteps,
  stepIds,
  type Touched,
  uuids,
} from './versions.ts';

/** Deletes what is found of these, whoever's it is, leaving tombstones; gives the versions it took. */
export async function removeNotifications(
  db: Database,
  ids: readonly NotificationId[],
  now: Date,
): Promise<VersionRange[]> {
  return retryMoved(() =>
    db.transaction(async (transaction) => {
      const locked = await lockInboxesOf(transaction, ids, null);
      if (locked.length === 0) return [];
      const touched = await transaction.query<Touched>({
        name: 'remove_notifications',
        text: removeText,
        values: [ids, locked.map(({ recipient_id }) => recipient_id), now.toISOString()],
      });
      const removed = touched.reduce((sum, { base, version }) => sum + version - base, 0);
      if (removed < ids.length) await assertNoneElsewhere(transaction, ids, locked);
      return rangesOf(touched);
    }),
  );
}

const removeText = `
  with old as materialized (
    select id, uuid, recipient_id, status, read_at from notifications
    where id = any (${bigints('$1')}) and recipient_id = any (${uuids('$2')})
  ),
  steps as (
    select recipient_id, id, -(status = 'inbox' and read_at is null)::int as unread, -(status = 'inbox')::int as total
    from old
  ),
  ${stampSteps},
  removed as (delete from notifications where id in (select id from old)),
  buried as (
    insert into notification_tombstones (recipient_id, version, id, uuid, deleted_at)
    select recipient_id, stamped.version, id, uuid, $3::timestamptz from old join stamped using (recipient_id, id)
  )
  select recipient_id, base, version, ${stepIds} as deleted from touched`;
