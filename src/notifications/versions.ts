import type { Queryable } from '../database/database.ts';
import { serviceUnavailable } from '../errors.ts';
import { isTransientFault } from './faults.ts';
import type { VersionRange } from './ranges.ts';

/*
 * Changing and deleting take two statements in one transaction: the first locks the touched inboxes, the second
 * computes everything from a snapshot taken after the lock was got. One statement cannot do both: its snapshot
 * would be older than the lock it waits for, and the counts it derives would be of a past that is no more. It can for a
 * row that it locks itself: a lock gives the row as it is by then.
 */

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

/** A touched inbox: its version before (`base`) and after, and which of its rows changed. */
export interface Touched {
  readonly recipient_id: string;
  readonly base: number;
  readonly version: number;
  /** Left out where nothing changed but what was made or deleted. */
  readonly updated?: readonly number[];
  /** Left out where nothing was deleted. */
  readonly deleted?: readonly number[];
}

/** The ids of the `steps` of a touched inbox: what a statement that only changes, or only deletes, gives as such. */
export const stepIds = `(
  select array_agg(steps.id order by steps.id) from steps where steps.recipient_id = touched.recipient_id
)`;

/** What the live side is told of a write. */
export function rangesOf(touched: readonly Touched[]): VersionRange[] {
  return touched.map(({ recipient_id, base, version, updated, deleted }) => ({
    recipient: recipient_id,
    from: base,
    to: version,
    ...(updated && { updated }),
    ...(deleted && { deleted }),
  }));
}

/** An inbox whose lock this transaction holds, and the version it has under the lock. */
export interface LockedInbox {
  readonly recipient_id: string;
  readonly version: number;
}

/** Locks the inboxes that hold these notifications, in the order all writers keep; `owner` null is any inbox. */
export function lockInboxesOf(
  transaction: Queryable,
  ids: readonly number[],
  owner: string | null,
): Promise<LockedInbox[]> {
  return transaction.query<LockedInbox>({
    name: 'lock_inboxes_of',
    text: `
      select recipient_id, version from inboxes
      where recipient_id = any (array(
        select recipient_id from notifications
        where id = any (${bigints('$1')}) and ($2::uuid is null or recipient_id = $2)
      ))
      order by recipient_id
      for no key update`,
    values: [ids, owner],
  });
}

/**
 * Locks the inboxes that hold these notifications and those they move to, which are made where missing. One
 * ordered pass: making some first and locking the rest after it would invite deadlocks.
 */
export function lockInboxesForMove(
  transaction: Queryable,
  ids: readonly number[],
  recipients: readonly string[],
): Promise<LockedInbox[]> {
  return transaction.query<LockedInbox>({
    name: 'lock_inboxes_for_move',
    text: `
      insert into inboxes as inbox (recipient_id)
      select recipient_id from (
        select recipient_id from notifications where id = any (${bigints('$1')})
        union
        select unnest($2::uuid[])
      ) as touched
      order by recipient_id
      on conflict (recipient_id) do update set version = inbox.version
      returning recipient_id, version`,
    values: [ids, recipients],
  });
}

/** Raised to start over: a notification went to an inbox that was not locked. */
export class Moved extends Error {
  override readonly name = 'Moved';
}

/** @throws Moved when one of these notifications lies in an inbox that is not locked. */
export async function assertNoneElsewhere(
  transaction: Queryable,
  ids: readonly number[],
  locked: readonly LockedInbox[],
): Promise<void> {
  const elsewhere = await transaction.query({
    name: 'notifications_elsewhere',
    text: 'select from notifications where id = any ($1::bigint[]) and recipient_id <> all ($2::uuid[]) limit 1',
    values: [ids, locked.map(({ recipient_id }) => recipient_id)],
  });
  if (elsewhere.length > 0) throw new Moved();
}

const attempts = 5;

/**
 * Runs a whole write again while what it writes is being moved away from it, or PostgreSQL ended it as one of many.
 * @throws ServiceError SERVICE_UNAVAILABLE when that never ends.
 */
export async function retryMoved<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Moved || isTransientFault(error))) throw error;
    }
  }
  throw serviceUnavailable('notifications', 'they are being moved between inboxes too often');
}
