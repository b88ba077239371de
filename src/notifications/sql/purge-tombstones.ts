import { statement } from '../../database/statement.ts';

/**
 * Purges old tombstones of locked inboxes and records the highest purged version. The invariant: followers with a
 * cursor below `purged_version` get a reset. Versions always increase, but clocks may go back, so it purges every
 * tombstone up to the highest version that is old enough. It looks at no more than `atOnce` old tombstones.
 */
export const purgeTombstones = statement<{ readonly count: number }>()({
  name: 'purge_tombstones',
  text: `
  with old as (
    select recipient_id, max(version) as version from (
      select recipient_id, version from notification_tombstones
      where recipient_id = any ($1::uuid[]) and deleted_at < now() - $2::int * interval '1 day'
      order by recipient_id, version limit $3::bigint
    ) as first
    group by recipient_id
  ),
  noted as (
    update inboxes set purged_version = greatest(purged_version, old.version)
    from old where inboxes.recipient_id = old.recipient_id
  ),
  forgotten as (
    delete from notification_tombstones as tombstone using old
    where tombstone.recipient_id = old.recipient_id and tombstone.version <= old.version
    returning 1
  )
  select count(*) as count from forgotten`,
  values: (recipients: readonly string[], retentionDays: number, atOnce: number) => [recipients, retentionDays, atOnce],
});
