import { statement } from '../../database/statement.ts';

/** Finds inboxes with tombstones older than the retention by the clock of the database, which Prisma cannot read. */
export const inboxesToPurge = statement<{ readonly recipient_id: string }>()({
  name: 'inboxes_to_purge',
  text: `
    select distinct recipient_id from notification_tombstones
    where deleted_at < now() - $1::int * interval '1 day' limit $2`,
  values: (retentionDays: number, limit: number) => [retentionDays, limit],
});
