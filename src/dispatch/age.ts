/**
 * The moment, in SQL, since which a message may have been waiting: one that began to wait then or earlier is too old.
 * That is the time to live ago, plus every pause that lies between; while the notifier is paused the moment stands still.
 * Null without a time to live.
 * @param ttlMs the parameter that holds the time to live, in milliseconds
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
