import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../database/database.ts';
import { noToken } from '../errors.ts';
import type { WriteContext } from './context.ts';
import type { NotificationId } from './model.ts';
import type { VersionRange } from './ranges.ts';
import { stampSteps, stepIds } from './sql/fragments.ts';
import { rangesOf } from './versions.ts';

/** The result of marking all read, and the inbox after it. */
export interface AllMarkedRead {
  readonly changed: number;
  readonly unread: number;
  readonly version: number;
}

/** Limits of one step, during which other writers to the inbox wait. */
export interface StepSize {
  /** Maximum number of rows to mark. */
  readonly marked: number;
  /** Maximum number of rows to examine. */
  readonly seen: number;
}

const firstStep: StepSize = { marked: 1000, seen: 10_000 };
/**
 * A step slower than this is followed by one of half its size, down to this share of the first size; a quick one by a
 * larger one.
 */
const slowStepMs = 200;
const quickStepMs = 50;
const sizeBounds = { least: 0.1, most: 4 };
/** Milliseconds between two steps, so that waiting writers get the lock. */
const pauseMs = 5;

interface Inbox {
  readonly version: number;
  readonly unread: number;
}

/**
 * Marks all notifications in the viewer's own inbox as read. Archived ones stay as they are, and so do those that
 * arrive after the call. Idempotent: takes no version if nothing is unread. A large inbox takes several transactions,
 * so a failed call may have done a part; repeating it does the rest.
 * @param first the size of the first step.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers, who have no inbox.
 */
export async function markAllRead(
  { db, bus, viewer, now }: WriteContext,
  first: StepSize = firstStep,
): Promise<AllMarkedRead> {
  if (viewer.kind === 'anonymous') throw noToken();
  const time = now().toISOString();
  // Covers what was in the inbox at this version.
  let until: number | undefined;
  let lastId: NotificationId | undefined;
  let after: NotificationId = 0;
  let changed = 0;
  let factor = 1;
  for (;;) {
    const begin = performance.now();
    const size = { marked: Math.ceil(first.marked * factor), seen: Math.ceil(first.seen * factor) };
    const step = await db.transaction(async (transaction) => {
      const inbox = await lock(transaction, viewer.id);
      if (inbox === undefined || inbox.unread === 0) return { ...(inbox ?? noInbox), ranges: [], changed: 0 };
      until ??= inbox.version;
      return markSome(transaction, { recipient: viewer.id, time, inbox, until, after, lastId, size });
    });
    bus.publish(step.ranges);
    changed += step.changed;
    if (step.next === undefined) return { changed, unread: step.unread, version: step.version };
    after = step.next;
    // Read only when one step is not enough.
    lastId ??= await lastIdOf(db, viewer.id);
    factor = nextFactor(factor, performance.now() - begin);
    await delay(pauseMs);
  }
}

const noInbox: Inbox = { version: 0, unread: 0 };

function nextFactor(factor: number, tookMs: number): number {
  if (tookMs > slowStepMs) return Math.max(factor / 2, sizeBounds.least);
  return tookMs < quickStepMs ? Math.min(factor * 2, sizeBounds.most) : factor;
}

async function lock(transaction: Queryable, recipient: string): Promise<Inbox | undefined> {
  const [inbox] = await transaction.query<Inbox>({
    name: 'lock_inbox',
    text: 'select version, unread from inboxes where recipient_id = $1::uuid for no key update',
    values: [recipient],
  });
  return inbox;
}

async function lastIdOf(db: Queryable, recipient: string): Promise<NotificationId> {
  const [last] = await db.query<{ id: NotificationId | null }>({
    name: 'last_of_inbox',
    text: 'select max(id) as id from notifications where recipient_id = $1::uuid',
    values: [recipient],
  });
  return last?.id ?? 0;
}

interface Step extends Inbox {
  readonly ranges: readonly VersionRange[];
  readonly changed: number;
  /** The key after which the next step starts; undefined after the last. */
  readonly next?: NotificationId | undefined;
}

async function markSome(
  transaction: Queryable,
  {
    recipient,
    time,
    inbox,
    until,
    after,
    lastId = Number.MAX_SAFE_INTEGER,
    size,
  }: {
    readonly recipient: string;
    readonly time: string;
    readonly inbox: Inbox;
    readonly until: number;
    readonly after: NotificationId;
    readonly lastId: NotificationId | undefined;
    readonly size: StepSize;
  },
): Promise<Step> {
  const [done] = await transaction.query<{
    seen: number;
    last_seen: NotificationId | null;
    marked: number;
    last_marked: NotificationId | null;
    base: number | null;
    version: number | null;
    unread: number | null;
    updated: number[] | null;
  }>({
    name: 'mark_read_step',
    text: markText,
    values: [recipient, time, after, lastId, until, size.seen, size.marked],
  });
  if (done === undefined) throw new Error('A statement that always answers a row answered none.');
  const { seen, last_seen, marked, last_marked, base, version, unread, updated } = done;
  const isCut = marked === size.marked;
  const next = isCut ? last_marked : last_seen;
  const isOver = next === null || next >= lastId || (!isCut && seen < size.seen);
  const rest = { changed: marked, next: isOver ? undefined : next };
  if (base === null || version === null || unread === null) return { ...inbox, ...rest, ranges: [] };
  const ranges = rangesOf([{ recipient_id: recipient, base, version, updated: updated ?? [] }]);
  return { version, unread, ...rest, ranges };
}

// In key order, because keys never change. Rows that came into the inbox later have a later `created_version`, even if
// their key is lower because they were moved here.
const markText = `
  with seen as materialized (
    select id, status = 'inbox' and read_at is null and created_version <= $5 as is_meant from notifications
    where recipient_id = $1::uuid and id > $3::bigint and id <= $4::bigint
    order by id limit $6::bigint
  ),
  steps as materialized (
    select $1::uuid as recipient_id, id, -1 as unread, 0 as total from seen where is_meant order by id limit $7::bigint
  ),
  ${stampSteps},
  changed as (
    update notifications n set read_at = $2::timestamptz, version = stamped.version
    from stamped where n.id = stamped.id
  )
  select (select count(*) from seen) as seen, (select max(id) from seen) as last_seen,
         (select count(*) from steps) as marked, (select max(id) from steps) as last_marked,
         touched.base, touched.version, touched.unread, ${stepIds} as updated
  from (values (1)) as one left join touched on true`;
