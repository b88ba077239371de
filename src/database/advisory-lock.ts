import type { PrismaTransaction } from './prisma.ts';

/**
 * Waits for the advisory lock of this key and holds it until the transaction ends. Statements after it see what its
 * holder before committed.
 */
export async function takeLock(transaction: Pick<PrismaTransaction, '$executeRaw'>, key: number): Promise<void> {
  await transaction.$executeRaw`select pg_advisory_xact_lock(${key})`;
}
