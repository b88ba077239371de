import type { Logger } from 'pino';
import type { ServicePrisma } from '../database/prisma.ts';
import { undoMs } from './inbox-actions.ts';
import type { Publisher, VersionRange } from './ranges.ts';
import { archiveExpired } from './sql/archive-expired.ts';
import { deleteExpired } from './sql/delete-expired.ts';
import type { ExpiryPart } from './sql/expiry-part.ts';
import type { NotificationMethods } from './sql/methods.ts';
import { rangesOf, recipientsOf } from './versions.ts';

/** What the timers of inboxes need. */
export interface TimerContext {
  readonly prisma: ServicePrisma<NotificationMethods>;
  readonly bus: Publisher;
  readonly now: () => Date;
  /** Inhibits the deliveries about expired notifications. */
  readonly inhibit: ExpiryPart;
}

/** Maximum number of inboxes locked by one transaction, and of notifications that it changes in each way. */
const inboxesAtOnce = 500;
const rowsAtOnce = 10_000;
/** Maximum milliseconds between two looks: another node may have snoozed something that ends sooner. */
const longestWaitMs = 5_000;
/** Milliseconds between purges of operations that can no longer be undone. */
const purgeMs = 60_000;

/**
 * Ends snoozes and expires notifications when they are due. Returns a function that stops it. Every node does this; a
 * notification is changed once, because it is read again under the lock of its inbox.
 */
export function startInboxTimers(context: TimerContext, log: Pick<Logger, 'error'>): () => void {
  const { prisma, now } = context;
  let isStopped = false;
  let isFailing = false;
  let purgeAt = now().getTime() + purgeMs;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<number> => {
    const due = await runInboxTimers(context, () => isStopped);
    if (now().getTime() >= purgeAt) {
      purgeAt = now().getTime() + purgeMs;
      await purgeOperations(prisma, now());
    }
    return due === null ? longestWaitMs : Math.min(Math.max(due.getTime() - now().getTime(), 0), longestWaitMs);
  };
  const run = async (): Promise<void> => {
    let waitMs = longestWaitMs;
    try {
      waitMs = await look();
      isFailing = false;
    } catch (err) {
      // An outage is reported once.
      if (!isFailing && !isStopped) log.error({ err }, 'failed to end snoozes and expire notifications');
      isFailing = true;
    }
    if (!isStopped) timer = setTimeout(run, waitMs).unref();
  };
  timer = setTimeout(run, longestWaitMs / 5).unref();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/**
 * Ends all snoozes and expires all notifications that are due, in rounds. Each round is one transaction, so a killed
 * process has changed nothing. Returns when the next one will be due; null: none.
 */
export async function runInboxTimers(context: TimerContext, isStopped = () => false): Promise<Date | null> {
  const { prisma } = context;
  const now = context.now();
  while (!isStopped()) {
    const due = await prisma.inbox.due(now, inboxesAtOnce);
    if (due.length === 0 || !(await runRound(context, recipientsOf(due), now))) break;
  }
  const [next] = await prisma.inbox.nextDue();
  return next === undefined || next.due === null ? null : new Date(next.due);
}

/** Returns whether it changed anything: another node may have been faster. */
async function runRound(
  { prisma, bus, inhibit }: TimerContext,
  recipients: readonly string[],
  now: Date,
): Promise<boolean> {
  const request = { recipients, now, most: rowsAtOnce };
  const writes = await prisma.$statements(async ({ inbox }): Promise<VersionRange[][]> => {
    await inbox.lockOwn(recipients);
    // Expiry comes first: what has expired does not return.
    const deleted = await inbox.expire(deleteExpired(request, inhibit));
    const archived = await inbox.expire(archiveExpired(request, inhibit));
    const returned = await inbox.endSnoozes(recipients, now, rowsAtOnce);
    return [deleted, archived, returned].map(rangesOf);
  });
  for (const ranges of writes) bus.publish(ranges);
  return writes.some(({ length }) => length > 0);
}

async function purgeOperations(prisma: TimerContext['prisma'], now: Date): Promise<void> {
  await prisma.inboxOperation.deleteMany({ where: { created_at: { lt: new Date(now.getTime() - undoMs) } } });
}
