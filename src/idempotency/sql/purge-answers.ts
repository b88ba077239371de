import { statement } from '../../database/statement.ts';

/** Deletes answers older than this many hours, at most `atOnce`; those that another node is deleting are skipped. */
export const purgeAnswers = statement<{ readonly count: number }>()({
  name: 'purge_idempotent_answers',
  text: `
  with expired as (
    select user_id, key from idempotency_keys where created_at <= now() - make_interval(secs => 3600 * $1::float8)
    order by created_at limit $2::bigint for update skip locked
  ),
  deleted as (
    delete from idempotency_keys kept using expired
    where kept.user_id = expired.user_id and kept.key = expired.key returning 1
  )
  select count(*)::int as count from deleted`,
  values: (hours: number, atOnce: number) => [hours, atOnce],
});
