import { v7 as uuid } from 'uuid';
import type { PrismaTransaction } from '../database/prisma.ts';
import type { NewAuditEntry } from './model.ts';

/** Adds an entry to the audit log; in a transaction, together with what it records. */
export async function recordAudit(
  { auditEntry }: Pick<PrismaTransaction, 'auditEntry'>,
  { actor, action, user_id, details = {} }: NewAuditEntry,
  at: Date,
): Promise<void> {
  // The id begins with the time, and those of one process increase: the log is ordered by it.
  await auditEntry.createMany({ data: [{ id: uuid(), at, actor, action, user_id, details }] });
}
