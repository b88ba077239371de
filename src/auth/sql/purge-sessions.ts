import { statement } from '../../database/statement.ts';

/** Deletes expired sign-ins, at most `atOnce`; sign-ins that another node is deleting are skipped. */
export const purgeSessions = statement<{ readonly count: number }>()({
  name: 'purge_sessions',
  text: `
  with expired as (
    select id from sessions where expires_at < $1::timestamptz
    order by expires_at limit $2::bigint for update skip locked
  ),
  deleted as (delete from sessions using expired where sessions.id = expired.id returning 1)
  select count(*)::int as count from deleted`,
  values: (now: Date, atOnce: number) => [now.toISOString(), atOnce],
});
