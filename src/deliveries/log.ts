import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import { type DeliveryFilter, filterValues, uuidOf } from '../dispatch/delivery-filter.ts';
import { deliveriesCollection } from '../dispatch/input.ts';
import { unsettledSql } from '../dispatch/lease.ts';
import { forbiddenCollection, invalidQuery } from '../errors.ts';

/** One line of the delivery log: a message to one user by one method. Times are ISO-8601 UTC text. */
export interface Delivery {
  readonly id: string;
  readonly template_id: string | null;
  readonly user_id: string;
  readonly method: string;
  readonly status: string;
  /** Why it is in this status, where there is more to say than the status does. */
  readonly status_reason: string | null;
  /** How often it was tried. */
  readonly attempt_count: number;
  readonly next_retry_after: string | null;
  readonly targets: readonly string[];
  readonly created_by: string;
  readonly created_at: string;
  readonly updated_at: string | null;
}

type LogContext = Pick<Context, 'db' | 'viewer'>;

const pageSize = 100;
const largestPage = 1000;
// What is leased has nothing of that in its own row.
const statusSql = `case when held.id is null then d.status else 'leased' end`;
const columns = `d.id, d.template_id, d.user_id, d.method, ${statusSql} as status,
  coalesce('leased by ' || held.leased_by, d.status_reason) as status_reason, d.attempt_count,
  d.next_retry_after, d.targets, d.created_by, d.created_at, d.updated_at`;
const heldSql = `held as materialized (
  select distinct on (leased.id) leased.id, leased_by from delivery_leases cross join unnest(delivery_ids) as leased (id)
)`;
const joinHeld = `left join held on held.id = d.id and d.status in ${unsettledSql}`;

/**
 * The delivery log, newest first, for admins. @param page `after` is the id of the last line of the page before.
 * @throws ServiceError FORBIDDEN; FAILED_VALIDATION for a malformed id; INVALID_QUERY for a limit out of bounds.
 */
export async function listDeliveries(
  { db, viewer }: LogContext,
  filter: DeliveryFilter,
  page: { readonly limit?: number | null | undefined; readonly after?: string | null | undefined },
): Promise<Delivery[]> {
  assertMayRead(viewer);
  const limit = page.limit ?? pageSize;
  if (limit < 0 || limit > largestPage) throw invalidQuery(`"limit" must be between 0 and ${largestPage}`);
  // Keys grow with time, so the key of the last line is where the next page begins.
  return db.query<Delivery>({
    text: `with ${heldSql}
           select ${columns} from deliveries d ${joinHeld}
           where ($1::text[] is null or ${statusSql} = any($1)) and ($2::text[] is null or d.method = any($2))
             and ($3::uuid is null or d.user_id = $3) and ($4::uuid is null or d.template_id = $4)
             and ($5::uuid is null or d.id < $5)
           order by d.id desc limit $6`,
    values: [...filterValues(filter), uuidOf('after', page.after), limit],
  });
}

/** These deliveries, in no order. For what was just enqueued, so without a limit. */
export async function deliveriesById({ db, viewer }: LogContext, ids: readonly string[]): Promise<Delivery[]> {
  assertMayRead(viewer);
  if (ids.length === 0) return [];
  return db.query<Delivery>({
    text: `with ${heldSql} select ${columns} from deliveries d ${joinHeld} where d.id = any($1::uuid[])`,
    values: [ids],
  });
}

/** The deliveries that made these notifications or followed from them, by the notification's key; for admins. */
export async function deliveriesOf(
  { db, viewer }: LogContext,
  notifications: readonly { readonly id: number; readonly uuid: string }[],
): Promise<ReadonlyMap<number, readonly Delivery[]>> {
  assertMayRead(viewer);
  const rows = await db.query<Delivery & { readonly notification: number }>({
    text: `with ${heldSql}, named as (select * from unnest($1::bigint[], $2::uuid[]) as named (id, uuid))
           select named.id as notification, ${columns} from named join deliveries d on d.notification_id = named.id ${joinHeld}
           union
           select named.id, ${columns} from named join deliveries d on d.id = named.uuid ${joinHeld}
           order by notification, created_at`,
    values: [notifications.map(({ id }) => id), notifications.map(({ uuid }) => uuid)],
  });
  const byNotification = new Map<number, Delivery[]>();
  for (const { notification, ...delivery } of rows) {
    const known = byNotification.get(notification);
    if (known) known.push(delivery);
    else byNotification.set(notification, [delivery]);
  }
  return byNotification;
}

function assertMayRead(viewer: Context['viewer']): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(deliveriesCollection, 'read');
}
