import { statement } from '../../database/statement.ts';

/**
 * Creates inboxes of users with chosen ids. Their versions are the database's clock in microseconds, which Prisma
 * cannot read.
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
