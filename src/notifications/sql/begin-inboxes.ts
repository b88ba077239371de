import { statement } from '../../database/statement.ts';

/**
 * Creates inboxes whose first version is the time of the database in microseconds, which Prisma cannot read. See
 * `beginInboxes` in `begin-inboxes.ts`.
 */
export const beginInboxes = statement<object>()({
  name: 'begin_inboxes',
  text: `
    insert into inboxes (recipient_id, version, purged_version)
    select id, start, start
    from unnest($1::uuid[]) as given (id)
    cross join (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as start) as clock
    order by id`,
  values: (users: readonly string[]) => [users],
});
