import type { Logger } from 'pino';
import type { ServicePrisma } from '../database/prisma.ts';
import { repeatEvery } from '../promises.ts';
import type { IdempotencyMethods } from './sql/methods.ts';

/** Milliseconds between purges. */
const purgeIntervalMs = 10 * 60 * 1000;
/** Maximum number of answers deleted by one statement. */
const defaultAtOnce = 1_000;

/** Deletes answers that are older than this many hours periodically. Returns a function that stops it. */
export function startAnswerPurge(
  prisma: ServicePrisma<IdempotencyMethods>,
  hours: number,
  log: Pick<Logger, 'error'>,
): () => void {
  return repeatEvery(
    purgeIntervalMs,
    () => purgeAnswers(prisma, hours),
    (err) => log.error({ err }, 'failed to purge the answers of idempotency keys'),
  );
}

/** Deletes the answers older than this many hours; returns how many. Several nodes may do this at the same time. */
export async function purgeAnswers(
  prisma: ServicePrisma<IdempotencyMethods>,
  hours: number,
  atOnce: number = defaultAtOnce,
): Promise<number> {
  let purged = 0;
  for (;;) {
    const [deleted] = await prisma.idempotencyKey.purge(hours, atOnce);
    const count = deleted?.count ?? 0;
    purged += count;
    if (count < atOnce) return purged;
  }
}
