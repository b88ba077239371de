import type { Queryable } from '../database/database.ts';
import type { VersionRange } from '../live/bus.ts';
import { stampNew } from './versions.ts';

/** Leased deliveries that are to become notifications. */
export interface Delivered {
  readonly leaseId: string;
  /** When they are delivered. */
  readonly timestamp: Date;
  /** `id` is the delivery's; the notification has it as its uuid. */
  readonly rows: readonly { readonly id: string; readonly subject: string; readonly message: string }[];
}

/** What became notifications. */
export interface StoredDeliveries {
  readonly stored: ReadonlySet<string>;
  readonly ranges: readonly VersionRange[];
}

interface StoredRow {
  readonly uuid: string;
  readonly recipient_id: string;
  readonly version: number;
}

/**
 * Makes notifications of deliveries, if their lease is not over, and marks them sent in the same statement: whatever
 * happens, each becomes one notification and is counted once. Left out are those whose notification is there already.
 */
export async function insertDelivered(db: Queryable, delivered: Delivered): Promise<StoredDeliveries> {
  const rows = await db.query<StoredRow>(statementFor(delivered));
  return { stored: new Set(rows.map(({ uuid }) => uuid)), ranges: rangesOf(rows) };
}

function rangesOf(rows: readonly StoredRow[]): VersionRange[] {
  const ranges = new Map<string, { recipient: string; from: number; to: number }>();
  for (const { recipient_id: recipient, version } of rows) {
    const range = ranges.get(recipient);
    if (range === undefined) ranges.set(recipient, { recipient, from: version - 1, to: version });
    else {
      range.from = Math.min(range.from, version - 1);
      range.to = Math.max(range.to, version);
    }
  }
  return [...ranges.values()];
}

function statementFor({ leaseId, timestamp, rows }: Delivered) {
  return {
    name: 'insert_delivered',
    text: insertText,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ subject }) => subject),
      rows.map(({ message }) => message),
      leaseId,
      timestamp.toISOString(),
    ],
  };
}

// The lease is locked first, and then the inboxes before any delivery, as by everybody else: who deletes a user has the
// inbox first and then the user's deliveries. Deliveries are looked up one by one, by key: with a join the planner
// believes that there is hardly one, and compares everything that follows with everything.
const insertText = `
  with held as materialized (
    select id from delivery_leases where id = $4::uuid for share
  ),
  given as (
    select * from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as given (id, subject, message, place)
    where exists (select from held)
  ),
  input as (
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
  ), ${stampNew},
  stored as (
    insert into notifications
      (uuid, recipient_id, timestamp, subject, message, template_id, targets, actions, created_version, version)
    select uuid, recipient_id, $5::timestamptz, subject, message, template_id, targets, actions, version, version
    from stamped order by place
    returning id, uuid, recipient_id, version
  ),
  settled as (
    update deliveries
    set status = 'sent', status_reason = null, attempt_count = attempt_count + 1, notification_id = stored.id,
        next_retry_after = null, updated_at = now()
    from stored
    where deliveries.id = stored.uuid
  )
  select uuid, recipient_id, version from stored`;
