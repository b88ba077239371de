import { takeLock } from '../../database/advisory-lock.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { lockKeys } from '../../database/lock-keys.ts';
import type { PrismaTransaction } from '../../database/prisma.ts';
import { readState, type TextsPrisma, writeState } from './copy.ts';
import { boundLockTime } from './sql/bound-lock-time.ts';
import { createTriggers } from './sql/create-triggers.ts';
import { dropTriggers } from './sql/drop-triggers.ts';
import { lockNotifications } from './sql/lock-notifications.ts';
import { stateKey } from './state.ts';

/** Texts removed in one transaction. */
const removedAtOnce = 20_000;

/**
 * Switches copying on: creates the triggers that queue changes. Waits for writing transactions first, so that every row
 * either exists already and will be copied, or is queued.
 * @throws DatabaseError 55P03 when a writing transaction takes long; 42501 without the permission.
 */
export async function turnOn(prisma: TextsPrisma): Promise<void> {
  if ((await readState(prisma)) !== undefined) return;
  await removeTexts(prisma);
  await inTransaction(prisma, async (transaction) => {
    await lock(transaction);
    if ((await readState(transaction)) !== undefined) return;
    for (const text of createTriggers) await transaction.$executeRawUnsafe(text);
    const [database] = await transaction.notificationText.readLocale();
    const words = /^(c|posix)$/i.test(database?.datctype ?? '') ? 'ascii' : 'unicode';
    await writeState(transaction, { copied: 0, isComplete: false, words });
  });
}

/** Switches copying off: drops the triggers and removes the copied texts. @throws like `turnOn`. */
export async function turnOff(prisma: TextsPrisma): Promise<void> {
  if ((await readState(prisma)) !== undefined) {
    await inTransaction(prisma, async (transaction) => {
      await lock(transaction);
      for (const text of dropTriggers) await transaction.$executeRawUnsafe(text);
      await transaction.setting.deleteMany({ where: { key: stateKey } });
    });
  }
  await removeTexts(prisma);
}

async function lock(transaction: PrismaTransaction): Promise<void> {
  await transaction.$executeRawUnsafe(boundLockTime);
  await takeLock(transaction, lockKeys.texts);
  await transaction.$executeRawUnsafe(lockNotifications);
}

/** Does not use `truncate`, which would also empty the table for searches that are running. */
async function removeTexts(prisma: TextsPrisma): Promise<void> {
  await prisma.notificationTextQueueEntry.deleteMany();
  for (let removed = removedAtOnce; removed === removedAtOnce; ) {
    const [row] = await prisma.notificationText.removeSome(removedAtOnce);
    removed = row?.count ?? 0;
  }
}
