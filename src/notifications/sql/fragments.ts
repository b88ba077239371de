import { notificationColumns } from '../model.ts';

/** Every column of a notification, of a table that is called `n`. */
export const columnsOfN = notificationColumns.map((column) => `n.${column}`).join(', ');

/**
 * The middle of every statement that changes or deletes, where the inboxes keep their promise. It needs a CTE
 * `steps (recipient_id, id, unread, total)` before it: one row for each thing that happens to a locked inbox, with
 * what it adds to the counts. It gives `stamped`, the steps with a `version` each, and `touched`, the inboxes
 * as they are afterwards, with the version `base` they had before.
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
 * The middle of every statement that makes notifications of a CTE `input (recipient_id, status, place)`: `stamped`,
 * its rows each with a `version`, in the order of `place` within an inbox, and `touched`, the inboxes. The upsert
 * locks them in the order that all writers keep and adds to what they hold by then, so that one statement is enough:
 * nothing in it depends on how old its snapshot is.
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
             + row_number() over (partition by recipient_id order by place) as version
    from input join touched using (recipient_id)
  )`;

/**
 * Stores the notifications of `stamped` that a template made, with its columns by their names.
 * @param timestamp the parameter that holds when they come
 */
export const storeRendered = (timestamp: string) => `insert into notifications
      (uuid, recipient_id, timestamp, subject, message, template_id, targets, actions, created_version, version)
    select uuid, recipient_id, ${timestamp}::timestamptz, subject, message, template_id, targets, actions, version, version
    from stamped order by place`;

/**
 * A parameter of many keys whose number the planner does not look at. It would find few of them cheap, reckon that
 * it is worth planning a prepared statement anew for every execution, and planning costs more than executing here.
 */
export const bigints = (parameter: string) => `array(select unnest(${parameter}::bigint[]))`;
export const uuids = (parameter: string) => `array(select unnest(${parameter}::uuid[]))`;

/** The ids of the `steps` of a touched inbox: what a statement that only changes, or only deletes, gives as such. */
export const stepIds = `(
  select array_agg(steps.id order by steps.id) from steps where steps.recipient_id = touched.recipient_id
)`;
