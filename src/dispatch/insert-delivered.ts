import type { Queryable } from '../database/database.ts';
import { type NewVersion, rangesOfNew, type VersionRange } from '../notifications/ranges.ts';
import { stampNew, storeRendered } from '../notifications/versions.ts';

/** Leased deliveries that are to become notifications. */
export interface Delivered {
  readonly leaseId: string;
  /** When they are delivered. */
  readonly timestamp: Date;
  /** `id` is the delivery's; the notification has it as its uuid. */
  readonly rows: readonly { readonly id: string; readonly subject: string; readonly message: string }[];
  /** Leaves out those whose inbox another transaction holds, instead of waiting for it. */
  readonly skipLocked: boolean;
}

/** What became notifications. */
export interface StoredDeliveries {
  readonly stored: ReadonlySet<string>;
  readonly ranges: readonly VersionRange[];
  /** What was left out because its inbox is locked. */
  readonly locked: ReadonlySet<string>;
}

interface StoredRow extends NewVersion {
  readonly uuid: string;
}

interface DeliveredRow extends Omit<StoredRow, 'version'> {
  /** Null: the inbox is locked. */
  readonly version: number | null;
}

/**
 * Makes notifications of deliveries, if their lease is not over, and marks them sent in the same statement: whatever
 * happens, each becomes one notification and is counted once. Left out are those whose notification is there already.
 * Waits for no lock on an inbox longer than a fraction of a second.
 * @throws DatabaseError 55P03 when it would have to.
 */
export async function insertDelivered(db: Queryable, delivered: Delivered): Promise<StoredDeliveries> {
  const rows = await db.query<DeliveredRow>(statementFor(delivered));
  const stored = rows.filter((row): row is StoredRow => row.version !== null);
  return {
    stored: new Set(stored.map(({ uuid }) => uuid)),
    ranges: rangesOfNew(stored),
    locked: new Set(rows.filter(({ version }) => version === null).map(({ uuid }) => uuid)),
  };
}

function statementFor({ leaseId, timestamp, rows, skipLocked }: Delivered) {
  return {
    name: skipLocked ? 'insert_delivered_unlocked' : 'insert_delivered',
    text: skipLocked ? insertUnlockedText : insertText,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ subject }) => subject),
      rows.map(({ message }) => message),
      leaseId,
      timestamp.toISOString(),
    ],
  };
}

/**
 * Least that a lock may keep a whole batch waiting, in milliseconds. Well below the time after which PostgreSQL looks for
 * deadlocks: nobody else's write is ended because of this one.
 */
const lockTimeoutMs = 250;

// Only inboxes that are there can be locked. The locks are got before `touched` changes the same rows: that still adds to
// what the rows hold by then, so nothing depends on the snapshot. A recipient whose inbox is not locked here and not there
// in the snapshot is new, or waited for as in the other statement.
const skipText = `
  free as materialized (
    select recipient_id from inboxes
    where recipient_id = any (array(select recipient_id from due))
    for no key update skip locked
  ),
  locked as materialized (
    select recipient_id from inboxes where recipient_id = any (array(select recipient_id from due))
    except
    select recipient_id from free
  ),
  input as (
    select * from due where recipient_id not in (select recipient_id from locked)
  ),`;

// The lease is locked first, and then the inboxes before any delivery, as by everybody else: who deletes a user has the
// inbox first and then the user's deliveries. The time-out begins after the lease, which is locked for a moment whenever
// results are stored. Deliveries are looked up one by one, by key: with a join the planner believes that there is hardly
// one, and compares everything that follows with everything.
const deliverText = (skipLocked: boolean) => `
  with held as materialized (
    select id from delivery_leases where id = $4::uuid for share
  ),
  bounded as materialized (
    select set_config('lock_timeout', '${lockTimeoutMs}', true) from held
  ),
  given as (
    select * from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as given (id, subject, message, place)
    where exists (select from bounded)
  ),
  ${skipLocked ? 'due as materialized' : 'input as'} (
    select given.id as uuid, deliveries.user_id as recipient_id, 'inbox' as status, deliveries.template_id,
           deliveries.targets, given.subject, given.message, given.place,
           coalesce(deliveries.own_payload -> 'actions', payloads.content -> 'actions', '[]') as actions
    from given
    cross join lateral (select * from deliveries where id = given.id limit 1) as deliveries
    left join payloads on payloads.id = deliveries.payload_id
    cross join lateral (
      select exists (select from notifications where uuid = given.id) as is_there offset 0
    ) as notification
    where not is_there
  ),${skipLocked ? skipText : ''} ${stampNew},
  stored as (
    ${storeRendered('$5')}
    returning id, uuid, recipient_id, version
  ),
  settled as (
    update deliveries
    set status = 'sent', status_reason = null, attempt_count = attempt_count + 1, notification_id = stored.id,
        next_retry_after = null, updated_at = now()
    from stored
    where deliveries.id = stored.uuid
  )
  select uuid, recipient_id, version from stored
  ${
    skipLocked
      ? 'union all select uuid, recipient_id, null from due where recipient_id in (select recipient_id from locked)'
      : ''
  }`;

const insertText = deliverText(false);
const insertUnlockedText = deliverText(true);
