import type { LockKey } from './lock-keys.ts';
import type { PrismaTransaction } from './prisma.ts';

/**
 * Waits for the advisory lock of this key and holds it until the transaction ends. Later statements of the transaction
 * see what the previous holder committed.
 */
export async function takeLock(transaction: Pick<PrismaTransaction, '$executeRaw'>, key: LockKey): Promise<void> {
  await transaction.$executeRaw`select pg_advisory_xact_lock(${key})`;
}

/** Like `takeLock`, but does not wait. Returns whether the lock was free. */
export async function tryLock(transaction: Pick<PrismaTransaction, '$queryRaw'>, key: LockKey): Promise<boolean> {
  const [lock] = await transaction.$queryRaw<{ got: boolean }[]>`select pg_try_advisory_xact_lock(${key}) as got`;
  return lock?.got === true;
}
