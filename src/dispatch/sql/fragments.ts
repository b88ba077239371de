import { unsettledStatuses } from '../delivery-status.ts';
import type { MethodName } from '../method-names.ts';

/** The unsettled statuses as an SQL list. */
export const unsettledSql = `(${unsettledStatuses.map((status) => `'${status}'`).join(', ')})`;

/**
 * An SQL condition that is always true and, as a side effect, makes the transaction commit asynchronously. If a crash
 * of the database loses a lease or a result, the message is sent twice, as it is when any lease is lost. A synchronous
 * commit would cost more than everything else in these statements.
 */
export const asyncCommit = `(select set_config('synchronous_commit', 'off', true)) = 'off'`;

/**
 * SQL for the expiry threshold: a delivery that began to wait at or before this time has expired. It is now minus the
 * time to live and minus all pauses since then, so it does not advance during a pause. Null without a time to live.
 * @param ttlMs the parameter that holds the time to live in milliseconds
 */
export const expiredSinceSql = (ttlMs: string) => `(
  select now() - ${ttlMs}::float8 * interval '1 millisecond' - coalesce(sum(ended_at - started_at), interval '0')
  from (
    select started_at, ended_at,
           now() - ended_at - coalesce(sum(ended_at - started_at) over (
             order by started_at desc rows between unbounded preceding and 1 preceding
           ), interval '0') as sending_after
    from (select started_at, coalesce(ended_at, greatest(now(), started_at)) as ended_at from notifier_pauses) as bounded_pause
  ) as pause
  where sending_after < ${ttlMs}::float8 * interval '1 millisecond'
)`;

/** SQL for a user's name in messages; never null. @param user the alias of `users` */
const userNameSql = (user: string) =>
  `coalesce(nullif(concat_ws(' ', nullif(${user}.first_name, ''), nullif(${user}.last_name, '')), ''),
            ${user}.username, ${user}.email, '')`;

/** SQL for the columns of `UserPayload`. @param user the alias of `users` */
export const userColumnsSql = (user: string) =>
  `${user}.id as user_id, coalesce(${user}.email, '') as user_email, ${userNameSql(user)} as user_name,
   coalesce(${user}.username, '') as user_username`;

/** SQL for a new UUID version 7 in each row. @param prefix the parameter that holds `idPrefix` */
export const newIdSql = (prefix: string) => `(${prefix}::text || substr(gen_random_uuid()::text, 16))::uuid`;

/** The digit of a delivery's id that says by which method it goes. */
const methodDigits: Readonly<Record<MethodName, string>> = { inbox: '8', smtp: '9', webhook: 'a' };
/** Where this digit is in the text of a UUID. The two highest bits of it are those of the variant. */
const digitAt = 19;

/**
 * SQL for the id of a delivery. The ids of one message for one recipient differ only in the digit of the method, so that
 * an e-mail can link to the notification in the inbox without looking it up.
 * @param prefix the parameter that holds `idPrefix`
 * @param random SQL for the text of a random UUID, the same for all methods
 */
export const methodIdSql = (prefix: string, random: string, method: string) => `(
  ${prefix}::text || substr(${random}, 16, 4) ||
  case ${method} ${Object.entries(methodDigits)
    .map(([name, digit]) => `when '${name}' then '${digit}'`)
    .join(' ')} end ||
  substr(${random}, 21)
)::uuid`;

/**
 * The id of the delivery to the inbox of the same message and recipient, if there is one. It is the UUID of the
 * notification.
 * @param id the id of a delivery by e-mail; undefined is returned for one that `methodIdSql` did not make
 */
export function inboxIdOf(id: string): string | undefined {
  if (id[digitAt] !== methodDigits.smtp) return undefined;
  return id.slice(0, digitAt) + methodDigits.inbox + id.slice(digitAt + 1);
}

/**
 * SQL for the lowest id of a millisecond: ids that were created earlier sort before it.
 * @param moment an SQL expression for a time
 */
export const lowestIdOfSql = (moment: string) =>
  `(lpad(to_hex((extract(epoch from ${moment}) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;
