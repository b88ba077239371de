import type { Logger } from 'pino';
import { repeatEvery } from '../promises.ts';
import { eraseBatches } from './erase-batches.ts';
import type { EraseContext } from './erase-context.ts';

/** Milliseconds between searches for unfinished erasures. */
const intervalMs = 60 * 1000;
/** Milliseconds for which a new erasure is left to the request that began it. */
const graceMs = 30 * 1000;

/** Periodically continues erasures that have not ended. Returns a function that stops it after the current batch. */
export function startErasures(context: EraseContext, log: Pick<Logger, 'error'>): () => void {
  let isStopped = false;
  const stop = repeatEvery(
    intervalMs,
    () => resumeErasures(context, () => isStopped),
    (err) => log.error({ err }, 'failed to continue the erasure of a user'),
  );
  return () => {
    isStopped = true;
    stop();
  };
}

/** Continues the erasures that were requested at least half a minute ago, the oldest first. */
export async function resumeErasures(context: EraseContext, isOver: () => boolean): Promise<void> {
  const requested_at = { lt: new Date(context.now().getTime() - graceMs) };
  const erasures = await context.prisma.userErasure.findMany({
    where: { requested_at },
    orderBy: [{ requested_at: 'asc' }, { user_id: 'asc' }],
  });
  for (const { user_id } of erasures) if (!isOver()) await eraseBatches(context, user_id, isOver);
}
