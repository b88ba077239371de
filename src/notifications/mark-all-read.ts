import { setTimeout as delay } from 'node:timers/promises';
import type { ServicePrisma } from '../database/prisma.ts';
import { inboxOwner } from './access.ts';
import type { WriteContext } from './context.ts';
import type { NotificationId } from './model.ts';
import type { VersionRange } from './ranges.ts';
import type { MarkStep } from './sql/mark-read-step.ts';
import type { NotificationMethods } from './sql/methods.ts';
import { rangesOf } from './versions.ts';

/** The number of marked notifications, and the state of the inbox afterwards. */
export interface AllMarkedRead {
  readonly changed: number;
  readonly unread: number;
  readonly version: number;
}

/** Limits of one step. Other writers to the inbox wait during a step. */
export interface StepSize {
  /** Maximum number of rows to mark. */
  readonly marked: number;
  /** Maximum number of rows to examine. */
  readonly seen: number;
}

const firstStep: StepSize = { marked: 1000, seen: 10_000 };
/**
 * After a step slower than `slowStepMs` the size of the next one is halved; after one faster than `quickStepMs` it is
 * doubled. `sizeBounds` are multiples of the first size.
 */
const slowStepMs = 200;
const quickStepMs = 50;
const sizeBounds = { min: 0.1, max: 4 };
/** Milliseconds between two steps, so that waiting writers get the lock. */
const pauseMs = 5;

interface Inbox {
  readonly version: number;
  readonly unread: number;
}

/**
 * Marks all notifications in the viewer's own inbox as read. Archived ones stay as they are, and so do those that
 * arrive after the call. Idempotent: takes no version if nothing is unread. A large inbox takes several transactions,
 * so a failed call may have marked some of the notifications; repeating the call marks the rest.
 * @param first the size of the first step.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers, who have no inbox; FORBIDDEN without the right.
 */
export async function markAllRead(
  { prisma, bus, viewer, now }: WriteContext,
  first: StepSize = firstStep,
): Promise<AllMarkedRead> {
  const { id: recipient } = inboxOwner(viewer, 'update');
  const time = now();
  // Only notifications that were in the inbox at this version are marked.
  let until: number | undefined;
  let lastId: NotificationId | undefined;
  let after: NotificationId = 0;
  let changed = 0;
  let factor = 1;
  for (;;) {
    const begin = performance.now();
    const size = { marked: Math.ceil(first.marked * factor), seen: Math.ceil(first.seen * factor) };
    const step = await prisma.$statements(async (transaction) => {
      const [inbox] = await transaction.inbox.lock(recipient);
      if (inbox === undefined || inbox.unread === 0) return { ...(inbox ?? noInbox), ranges: [], changed: 0 };
      until ??= inbox.version;
      const part = { recipient, now: time, until, after, lastId: lastId ?? Number.MAX_SAFE_INTEGER, size };
      return markSome(transaction, inbox, part);
    });
    bus.publish(step.ranges);
    changed += step.changed;
    if (step.next === undefined) return { changed, unread: step.unread, version: step.version };
    after = step.next;
    // Read only when one step is not enough.
    lastId ??= await lastIdOf(prisma, recipient);
    factor = nextFactor(factor, performance.now() - begin);
    await delay(pauseMs);
  }
}

const noInbox: Inbox = { version: 0, unread: 0 };

function nextFactor(factor: number, tookMs: number): number {
  if (tookMs > slowStepMs) return Math.max(factor / 2, sizeBounds.min);
  return tookMs < quickStepMs ? Math.min(factor * 2, sizeBounds.max) : factor;
}

async function lastIdOf(prisma: Pick<ServicePrisma, 'notification'>, recipient: string): Promise<NotificationId> {
  const { _max: last } = await prisma.notification.aggregate({
    _max: { id: true },
    where: { recipient_id: recipient },
  });
  return Number(last.id ?? 0);
}

interface Step extends Inbox {
  readonly ranges: readonly VersionRange[];
  readonly changed: number;
  /** The key after which the next step starts; undefined after the last. */
  readonly next?: NotificationId | undefined;
}

async function markSome(transaction: NotificationMethods, inbox: Inbox, part: MarkStep): Promise<Step> {
  const { recipient, lastId, size } = part;
  const [done] = await transaction.inbox.markReadStep(part);
  if (done === undefined) throw new Error('The statement that marks a step returned no row.');
  const { seen, last_seen, marked, last_marked, base, version, unread, updated } = done;
  const isCut = marked === size.marked;
  const next = isCut ? last_marked : last_seen;
  const isLastStep = next === null || next >= lastId || (!isCut && seen < size.seen);
  const rest = { changed: marked, next: isLastStep ? undefined : next };
  if (base === null || version === null || unread === null) return { ...inbox, ...rest, ranges: [] };
  const ranges = rangesOf([{ recipient_id: recipient, base, version, updated: updated ?? [] }]);
  return { version, unread, ...rest, ranges };
}
