import type { PrismaTransaction } from './prisma.ts';

/** Lets a transaction commit without waiting for the disk; only for work that is repeated if a crash loses it. */
export async function commitAsynchronously(transaction: Pick<PrismaTransaction, '$executeRaw'>): Promise<void> {
  await transaction.$executeRaw`select set_config('synchronous_commit', 'off', true)`;
}

/** SQL that does the same for all transactions of a session. */
export const asyncCommits = 'set synchronous_commit = off';
