import { tryLock } from '../../database/advisory-lock.ts';
import { commitAsynchronously } from '../../database/async-commit.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { lockKeys } from '../../database/lock-keys.ts';
import type { PrismaTransaction, ServicePrisma } from '../../database/prisma.ts';
import type { NotificationMethods } from '../sql/methods.ts';
import { stateKey, type TextsState } from './state.ts';

/** The Prisma client that copies texts. */
export type TextsPrisma = ServicePrisma<NotificationMethods>;

/** Rows per transaction, which takes about a tenth of a second. */
const rowsAtOnce = 2000;
/** Maximum number of queue entries read to find these rows. */
const entriesAtOnce = 2000;

/** The result of one copying step. */
export interface CopyStep {
  /** Number of queue entries processed. */
  readonly entries: number;
  readonly rows: number;
  /** The newest key in the queue, processed or not. */
  readonly newest: number;
  readonly isComplete: boolean;
  /** Whether there may be more to copy: the step reached a maximum, or older rows are not yet copied. */
  readonly mayHaveMore: boolean;
}

/**
 * Copies the texts of queued rows, and those of rows older than the triggers. Texts and queue entries are read in one
 * snapshot, so a later change has a new entry, which stays queued. Returns undefined if another node is copying, or
 * copying is switched off.
 */
export async function copySome(prisma: TextsPrisma, maxRows: number = rowsAtOnce): Promise<CopyStep | undefined> {
  return inTransaction(prisma, async (transaction) => {
    // A separate statement, so that the following statements see the changes of the previous holder of the lock.
    if (!(await tryLock(transaction, lockKeys.texts))) return undefined;
    await commitAsynchronously(transaction);
    const state = await readState(transaction);
    if (state === undefined) return undefined;
    const [queued = { entries: 0, rows: 0, newest: 0 }] = await transaction.notificationText.copyQueued(
      entriesAtOnce,
      maxRows,
    );
    const mayHaveMore = queued.rows >= maxRows || queued.entries >= entriesAtOnce;
    if (state.isComplete) return { ...queued, isComplete: true, mayHaveMore };
    const [old] = await transaction.notificationText.copyOld(state.copied, maxRows);
    const { rows = 0, last = null } = old ?? {};
    const isComplete = rows < maxRows;
    await writeState(transaction, { ...state, copied: last ?? state.copied, isComplete });
    return { ...queued, rows: queued.rows + rows, isComplete, mayHaveMore: mayHaveMore || !isComplete };
  });
}

/** Whether anything is queued, checked without blocking others. */
export async function isAnyQueued(prisma: Pick<TextsPrisma, 'notificationTextQueueEntry'>): Promise<boolean> {
  return (await prisma.notificationTextQueueEntry.findFirst({ select: { key: true } })) !== null;
}

type SettingStore = Pick<PrismaTransaction, 'setting'>;

export async function readState({ setting }: SettingStore): Promise<TextsState | undefined> {
  const row = await setting.findUnique({ where: { key: stateKey } });
  // Only `writeState` writes this value.
  return row === null ? undefined : (row.value as unknown as TextsState);
}

export async function writeState({ setting }: SettingStore, state: TextsState): Promise<void> {
  const value = { ...state };
  await setting.upsert({ where: { key: stateKey }, create: { key: stateKey, value }, update: { value } });
}
