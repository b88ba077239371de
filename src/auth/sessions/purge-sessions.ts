import type { Logger } from 'pino';
import type { ServicePrisma } from '../../database/prisma.ts';
import { repeatEvery } from '../../promises.ts';
import type { AuthMethods } from '../sql/methods.ts';

/** Milliseconds between purges. */
const purgeIntervalMs = 60 * 60 * 1000;
/** Maximum number of sign-ins deleted by one statement. */
const defaultAtOnce = 5_000;

/** Deletes expired sign-ins periodically. Returns a function that stops it. */
export function startSessionPurge(
  prisma: ServicePrisma<AuthMethods>,
  now: () => Date,
  log: Pick<Logger, 'error'>,
): () => void {
  return repeatEvery(
    purgeIntervalMs,
    () => purgeSessions(prisma, now()),
    (err) => log.error({ err }, 'failed to purge expired sign-ins'),
  );
}

/** Deletes the sign-ins that expired before this time; returns how many. Several nodes may do this at the same time. */
export async function purgeSessions(
  prisma: ServicePrisma<AuthMethods>,
  now: Date,
  atOnce: number = defaultAtOnce,
): Promise<number> {
  let purged = 0;
  for (;;) {
    const [deleted] = await prisma.session.purge(now, atOnce);
    const count = deleted?.count ?? 0;
    purged += count;
    if (count < atOnce) return purged;
  }
}
