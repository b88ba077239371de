import { recordAudit } from '../audit/record.ts';
import { announceRevocation } from '../auth/revocations.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { removeNotifications } from '../notifications/remove.ts';
import { changeNotifications } from '../notifications/update-rows.ts';
import { removeUsers, retryRemoval } from '../users/delete.ts';
import type { EraseContext } from './erase-context.ts';

/** Maximum rows of one transaction. Other writers to the same inboxes wait for it. */
const batchSize = 1000;
const tombstonesAtOnce = 10_000;

/** Erases one batch; returns whether there may be more. */
type Step = (context: EraseContext, id: string) => Promise<boolean>;

/**
 * Erases what `beginErasure` has left, in batches, and at last the user. May be repeated, and several processes may do
 * it at the same time.
 * @param isOver asked between batches; true ends the work early
 * @returns whether nothing is left
 */
export async function eraseBatches(context: EraseContext, id: string, isOver: () => boolean): Promise<boolean> {
  for (const step of [eraseInbox, eraseTombstones, forgetSent, eraseDeliveries]) {
    while (await step(context, id)) if (isOver()) return false;
  }
  await eraseRest(context, id);
  return true;
}

const eraseInbox: Step = async ({ prisma, bus, now }, id) => {
  const rows = await prisma.notification.findMany({
    where: { recipient_id: id },
    select: { id: true },
    orderBy: { id: 'asc' },
    take: batchSize,
  });
  if (rows.length === 0) return false;
  const ids = rows.map((row) => Number(row.id));
  bus.publish(await removeNotifications(prisma, ids, now()));
  // Triggers have queued their removal, but they are searchable until a node has done it.
  await prisma.notificationText.deleteMany({ where: { id: { in: ids } } });
  return rows.length === batchSize;
};

/** The inbox is deleted at the end, and with it the tombstones that are left: not a million of them in one statement. */
const eraseTombstones: Step = async ({ prisma }, id) =>
  prisma.$statements(async ({ inbox }) => {
    await inbox.lockOwn([id]);
    // Older than tomorrow: all of them.
    const [purged] = await inbox.purgeTombstones([id], -1, tombstonesAtOnce);
    return purged?.count === tombstonesAtOnce;
  });

/** Clears the user as sender; each row takes a version, so that its recipient's followers see it. */
const forgetSent: Step = async ({ prisma, bus, now }, id) => {
  const rows = await prisma.notification.findMany({
    where: { sender_id: id, NOT: { recipient_id: id } },
    select: { id: true },
    take: batchSize,
  });
  if (rows.length === 0) return false;
  const targets = rows.map((row) => ({ id: Number(row.id), index: 0 }));
  const changes = { targets, changes: [{ sender: null }], owner: null };
  const { ranges } = await changeNotifications(prisma, changes, now(), () => undefined);
  bus.publish(ranges);
  return rows.length === batchSize;
};

const eraseDeliveries: Step = async ({ prisma }, id) =>
  prisma.$statements(async ({ delivery }) => {
    const [erased] = await delivery.eraseOf(id, batchSize);
    return erased?.count === batchSize;
  });

/** Deletes the user, and with it what was written since the batches. */
async function eraseRest({ prisma, bus, now }: EraseContext, id: string): Promise<void> {
  const ranges = await retryRemoval(() =>
    inTransaction(prisma, (transaction) =>
      removeUsers(transaction, [id], {
        async onLocked() {
          const erasure = await transaction.userErasure.findUnique({ where: { user_id: id } });
          // Another process has erased the rest.
          if (erasure === null) return;
          await transaction.delivery.eraseOf(id, Number.MAX_SAFE_INTEGER);
          const entry = { actor: erasure.requested_by, action: 'user_erased', user_id: id } as const;
          await recordAudit(transaction, entry, now());
        },
      }),
    ),
  );
  announceRevocation(prisma, id);
  bus.publish(ranges);
}
