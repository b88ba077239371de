import { statement } from '../../database/statement.ts';
import type { NewVersion } from '../../notifications/ranges.ts';
import { stampNew, storeRendered } from '../../notifications/sql/fragments.ts';

/** Leased deliveries to create notifications from. */
export interface InboxDeliveries {
  readonly leaseId: string;
  /** Timestamp of the notifications. */
  readonly timestamp: Date;
  /** `id` is the id of the delivery, which becomes the uuid of the notification. */
  readonly rows: readonly { readonly id: string; readonly subject: string; readonly message: string }[];
}

export interface DeliveredRow extends Omit<NewVersion, 'version'> {
  readonly uuid: string;
  /** Null if the inbox is locked. */
  readonly version: number | null;
}

/**
 * How long a batch may wait for a lock, in milliseconds. Well below `deadlock_timeout` of PostgreSQL (1 s), so that
 * this statement gives up before another transaction is aborted because of a deadlock with it.
 */
const lockTimeoutMs = 250;

// Only existing inboxes can be locked. The locks are taken before `touched` (the upsert of inboxes in `stampNew`)
// updates the same rows; that update adds to the current values of the rows, so nothing depends on the snapshot. If a
// recipient has no inbox in the snapshot, `touched` creates it; if another transaction is creating it, `touched` waits
// for that transaction.
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

// Locks are taken in the same order as everywhere: the lease, then inboxes, then deliveries; deleting a user locks the
// inbox before the user's deliveries. The lock timeout starts after the lease is locked, since storing results locks
// leases briefly. A subquery looks up each delivery by its key: for a plain join, the planner expects hardly any rows
// and picks a slower plan.
const deliverText = (skipLocked: boolean) => `
  with held as materialized (
    select id from delivery_leases where id = $4::uuid for share
  ),
  bounded as materialized (
    select set_config('lock_timeout', '${lockTimeoutMs}', true) from held
  ),
  given as (
    select * from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as given (id, subject, message, position)
    where exists (select from bounded)
  ),
  ${skipLocked ? 'due as materialized' : 'input as'} (
    select given.id as uuid, deliveries.user_id as recipient_id, 'inbox' as status, deliveries.template_id,
           deliveries.targets, given.subject, given.message, given.position,
           coalesce(deliveries.own_payload -> 'actions', payloads.content -> 'actions', '[]') as actions,
           (payloads.content ->> 'expires_at')::timestamptz as expires_at,
           coalesce(payloads.content ->> 'on_expiry', 'archive') as on_expiry
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

/**
 * Creates notifications from leased deliveries; `skipLocked` leaves out those whose inbox is locked by another
 * transaction. The invariant: notification, inbox version and the status of the delivery are stored by one statement.
 * Measured by bench `inboxes`.
 */
export const insertDelivered = ({ skipLocked }: { readonly skipLocked: boolean }) =>
  statement<DeliveredRow>()({
    name: skipLocked ? 'insert_delivered_unlocked' : 'insert_delivered',
    text: deliverText(skipLocked),
    values: ({ leaseId, timestamp, rows }: InboxDeliveries) => [
      rows.map(({ id }) => id),
      rows.map(({ subject }) => subject),
      rows.map(({ message }) => message),
      leaseId,
      timestamp.toISOString(),
    ],
  });
