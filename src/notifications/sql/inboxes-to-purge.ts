import { statement } from '../../database/statement.ts';

/** Some inboxes with deletions older than so many days of the database's clock, which Prisma cannot ask for. */
export const inboxesToPurge = statement<{ readonly recipient_id: string }>()({
  name: 'inboxes_to_purge',
  text: `
    select distinct recipient_id from notification_tombstones
    where deleted_at < now() - $1::int * interval '1 day' limit $2`,
  values: (retentionDays: number, most: number) => [retentionDays, most],
});
