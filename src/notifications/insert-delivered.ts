import type { Database } from '../database/database.ts';
import type { VersionRange } from '../live/bus.ts';
import { stampNew, uuids } from './versions.ts';

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
  readonly is_settled: boolean;
}

/** Raised to roll back: another node holds a lease that this one held when the statement began. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

const attempts = 3;

/**
 * Makes notifications of the deliveries that this lease still holds, and marks them sent in the same transaction:
 * whatever happens, each becomes one notification and is counted once. Left out are those of other leases, and those
 * whose notification is there already.
 */
export async function insertDelivered(db: Database, delivered: Delivered): Promise<StoredDeliveries> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(async (transaction) => {
        const rows = await transaction.query<StoredRow>(statementFor(delivered));
        if (rows.some(({ is_settled }) => !is_settled)) throw new LeaseLost();
        return { stored: new Set(rows.map(({ uuid }) => uuid)), ranges: rangesOf(rows) };
      });
    } catch (error) {
      if (!(error instanceof LeaseLost) || attempt === attempts) throw error;
    }
  }
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
      rows.map(() => leaseId),
      timestamp.toISOString(),
    ],
  };
}

// The inboxes are locked before any delivery is, as by everybody else: who deletes a user has the inbox first and then
// the user's deliveries. A lease that was lost since the snapshot shows in that its row of the queue does not go. Rows
// are named by key, and their lease comes with each: of how few the planner believes to have one lease it would read
// all, for every row.
const insertText = `
  with given as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
      with ordinality as given (id, subject, message, lease_id, place)
  ),
  input as (
    select given.id as uuid, deliveries.user_id as recipient_id, 'inbox' as status, deliveries.template_id,
           deliveries.targets, given.subject, given.message, given.place,
           coalesce(deliveries.own_payload -> 'actions', payloads.content -> 'actions', '[]') as actions
    from given
    join queued_deliveries as queued on queued.delivery_id = given.id and queued.lease_id = given.lease_id
    join deliveries on deliveries.id = given.id
    left join payloads on payloads.id = deliveries.payload_id
    where deliveries.id = any (${uuids('$1')}) and queued.delivery_id = any (${uuids('$1')})
      and not exists (select from notifications where uuid = given.id)
  ), ${stampNew},
  stored as (
    insert into notifications
      (uuid, recipient_id, timestamp, subject, message, template_id, targets, actions, created_version, version)
    select uuid, recipient_id, $5::timestamptz, subject, message, template_id, targets, actions, version, version
    from stamped order by place
    returning id, uuid, recipient_id, version
  ),
  ended as (
    delete from queued_deliveries as queued
    using stored join given on given.id = stored.uuid
    where queued.delivery_id = any (${uuids('$1')})
      and queued.delivery_id = given.id and queued.lease_id = given.lease_id
    returning queued.delivery_id
  ),
  settled as (
    update deliveries
    set status = 'sent', status_reason = null, attempt_count = attempt_count + 1, notification_id = stored.id,
        next_retry_after = null, updated_at = now()
    from stored
    where deliveries.id = any (array(select delivery_id from ended)) and deliveries.id = stored.uuid
    returning deliveries.id
  )
  select stored.uuid, stored.recipient_id, stored.version, settled.id is not null as is_settled
  from stored left join settled on settled.id = stored.uuid`;
