import { retry, retryOnce } from './faults.ts';
import type { PrismaTransaction, ServicePrisma } from './prisma.ts';

/**
 * Runs `work` in one interactive transaction; commits what it returns, rolls back what it throws. A deadlock or
 * serialisation failure (40P01, 40001) is tried once more from the start, so `work` must have no effect outside the
 * database.
 */
export function inTransaction<Methods, Result>(
  prisma: Pick<ServicePrisma<Methods>, '$transaction'>,
  work: (transaction: PrismaTransaction<Methods>) => Promise<Result>,
): Promise<Result> {
  return retry(() => prisma.$transaction(work), retryOnce);
}
