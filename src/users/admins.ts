import type { PrismaTransaction } from '../database/prisma.ts';
import { forbidden, type ServiceError } from '../errors.ts';

/** The error for a write that would leave no active admin. */
export function lastAdminMustStay(): ServiceError {
  return forbidden('The last active admin can be neither deleted, suspended nor given another role');
}

/** Call it after the change, with the lock `admins` held. @throws ServiceError FORBIDDEN if no active admin is left. */
export async function assertAdminLeft(transaction: Pick<PrismaTransaction, 'user'>): Promise<void> {
  const admin = await transaction.user.findFirst({ where: { role: 'admin', status: 'active' }, select: { id: true } });
  if (admin === null) throw lastAdminMustStay();
}
