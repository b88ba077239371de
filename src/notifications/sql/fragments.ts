import { notificationColumns } from '../model.ts';

/** Every column of a notification in a table with the alias `n`. */
export const columnsOfN = notificationColumns.map((column) => `n.${column}`).join(', ');

/**
 * SQL condition: the recipient has not seen the row with this alias. Nothing maintains it when rows are written by nodes
 * of earlier versions, so it repeats what makes a row seen. Must agree with `isSeen` and the index
 * `notifications_unseen_idx`.
 * @param seenVersion SQL for the version up to which the recipient has seen the inbox
 */
export const unseenSql = (alias: string, seenVersion: string) =>
  `${alias}.status = 'inbox' and ${alias}.read_at is null and ` +
  `coalesce(${alias}.shown_version, ${alias}.created_version) > ${seenVersion}`;

/** The figures of an inbox as scalar subqueries, by the names of `Figures`. @param recipient SQL for its recipient */
export const figuresSql = (recipient: string, seenVersion: string) => ({
  unseen: `(select count(*) from notifications n where n.recipient_id = ${recipient} and ${unseenSql('n', seenVersion)})`,
  saved: `(select count(*) from notifications n where n.recipient_id = ${recipient} and n.saved_at is not null)`,
  snoozed: `(
    select count(*) from notifications n
    where n.recipient_id = ${recipient} and n.status = 'archived' and n.snoozed_until is not null)`,
});

/**
 * CTE fragment shared by every update and delete: allocates versions and updates the inbox counters. It requires a CTE
 * `steps (recipient_id, id, unread, total)` before it: one row for each change in a locked inbox, with its effect on
 * the counts. It provides `stamped`, the steps with a `version` each, and `touched`, the inboxes after the change, with
 * their previous version as `base`.
 */
export const stampSteps = `
  counted as (
    select recipient_id, count(*) as steps, sum(unread) as unread, sum(total) as total
    from steps group by recipient_id
  ),
  touched as (
    update inboxes as inbox
    set version = inbox.version + counted.steps,
        unread = inbox.unread + counted.unread,
        total = inbox.total + counted.total
    from counted
    where inbox.recipient_id = counted.recipient_id
    returning inbox.recipient_id, inbox.version, inbox.unread, inbox.total, inbox.version - counted.steps as base
  ),
  stamped as (
    select steps.recipient_id, steps.id,
           touched.base + row_number() over (partition by steps.recipient_id order by steps.id) as version
    from steps join touched using (recipient_id)
  )`;

/**
 * CTE fragment shared by every create. It requires a CTE `input (recipient_id, status, position)` before it. It
 * provides `stamped`, the rows with a `version` each, in the order of `position` within an inbox, and `touched`, the
 * inboxes with their new versions. The upsert locks inboxes in the order used by all writers and adds to their current
 * values, so a single statement is enough: nothing depends on the age of its snapshot.
 */
export const stampNew = `
  touched as (
    insert into inboxes as inbox (recipient_id, version, unread, total)
    select recipient_id, count(*), count(*) filter (where status = 'inbox'), count(*) filter (where status = 'inbox')
    from input group by recipient_id order by recipient_id
    on conflict (recipient_id) do update
    set version = inbox.version + excluded.version,
        unread = inbox.unread + excluded.unread,
        total = inbox.total + excluded.total
    returning recipient_id, version
  ),
  stamped as (
    select input.*,
           touched.version - count(*) over (partition by recipient_id)
             + row_number() over (partition by recipient_id order by position) as version
    from input join touched using (recipient_id)
  )`;

/**
 * Stores the notifications of `stamped` that a template rendered; columns have the same names.
 * @param timestamp the parameter with their timestamp
 */
export const storeRendered = (timestamp: string) => `insert into notifications
      (uuid, recipient_id, timestamp, subject, message, template_id, targets, actions, expires_at, on_expiry,
       created_version, version)
    select uuid, recipient_id, ${timestamp}::timestamptz, subject, message, template_id, targets, actions, expires_at, on_expiry,
           version, version
    from stamped order by position`;

/**
 * An array parameter whose length the planner does not see. If it did, it would plan the prepared statement anew for
 * each short array, and here planning takes longer than executing.
 */
export const bigints = (parameter: string) => `array(select unnest(${parameter}::bigint[]))`;
export const uuids = (parameter: string) => `array(select unnest(${parameter}::uuid[]))`;

/** The ids of the `steps` of a touched inbox, as returned by statements that only update or only delete. */
export const stepIds = `(
  select array_agg(steps.id order by steps.id) from steps where steps.recipient_id = touched.recipient_id
)`;

/**
 * The end of every statement that deletes notifications of locked inboxes. It requires a CTE `old (id, uuid,
 * recipient_id, status, read_at)` before it: the rows to delete.
 * @param now the parameter with the time of the tombstones
 */
export const removeOld = (now: string) => `steps as (
    select recipient_id, id, -(status = 'inbox' and read_at is null)::int as unread, -(status = 'inbox')::int as total
    from old
  ),
  ${stampSteps},
  removed as (delete from notifications where id in (select id from old)),
  tombstones as (
    insert into notification_tombstones (recipient_id, version, id, uuid, deleted_at)
    select recipient_id, stamped.version, id, uuid, ${now}::timestamptz from old join stamped using (recipient_id, id)
  )
  select recipient_id, base, version, ${stepIds} as deleted from touched`;
