/**
 * SQL for the expiry threshold: a delivery that began to wait at or before this time has expired. It is now minus the time
 * to live and minus all pauses since then, so it does not advance during a pause. Null without a time to live.
 * @param ttlMs the parameter that holds the time to live in milliseconds
 */
export const expiredSinceSql = (ttlMs: string) => `(
  select now() - ${ttlMs}::float8 * interval '1 millisecond' - coalesce(sum(ended_at - started_at), interval '0')
  from (
    select started_at, ended_at,
           now() - ended_at - coalesce(sum(ended_at - started_at) over (
             order by started_at desc rows between unbounded preceding and 1 preceding
           ), interval '0') as sending_after
    from (select started_at, coalesce(ended_at, greatest(now(), started_at)) as ended_at from notifier_pauses) as known
  ) as pause
  where sending_after < ${ttlMs}::float8 * interval '1 millisecond'
)`;
