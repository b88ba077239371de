import type { ServicePrisma } from '../database/prisma.ts';
import { maxTimerMs } from '../variable-types.ts';
import { onRevocation } from './revocations.ts';
import type { AuthMethods } from './sql/methods.ts';
import type { UserViewer, Viewer } from './viewer.ts';

/** Maximum number of credentials checked by one query: few enough that other queries are not delayed. */
const maxPerQuery = 500;
/** Milliseconds between checks of open connections; equal to the time a token is cached. */
const defaultPeriodMs = 2_000;

/** Watches the credentials of open connections. */
export interface CredentialWatch<Credential> {
  /**
   * Calls `onRevoked` once when the credential stops identifying this viewer: at its expiry; after a change immediately
   * on the node that made it, and within one period elsewhere. Returns a function that stops watching.
   */
  watch(credential: Credential, viewer: Viewer, onRevoked: () => void): () => void;
  stop(): void;
}

/** One watched credential. */
export interface Watched<Credential> {
  readonly credential: Credential;
  readonly viewer: UserViewer;
}

export interface WatchOptions {
  readonly prisma: ServicePrisma<AuthMethods>;
  readonly periodMs?: number;
}

/**
 * Checks all watched credentials once per period, many in one query; does nothing while there are none.
 * @param findValid returns those that still identify their viewer, with one query.
 */
export function createCredentialWatch<Credential>(
  { prisma, periodMs = defaultPeriodMs }: WatchOptions,
  findValid: (entries: readonly Watched<Credential>[]) => Promise<ReadonlySet<Watched<Credential>>>,
): CredentialWatch<Credential> {
  const watched = new Map<Watched<Credential>, () => void>();
  let timer: NodeJS.Timeout | undefined;

  async function check(entries: readonly Watched<Credential>[]): Promise<void> {
    if (entries.length === 0) return;
    const valid = await findValid(entries);
    for (const entry of entries) {
      const onRevoked = watched.get(entry);
      if (valid.has(entry) || !onRevoked) continue;
      watched.delete(entry);
      onRevoked();
    }
  }

  /** A failed query proves nothing; the next period checks again. */
  const tryCheck = (entries: readonly Watched<Credential>[]) => check(entries).catch(() => undefined);

  function schedule(): void {
    timer ??= setTimeout(async () => {
      const all = [...watched.keys()];
      for (let index = 0; index < all.length; index += maxPerQuery)
        await tryCheck(all.slice(index, index + maxPerQuery));
      timer = undefined;
      if (watched.size > 0) schedule();
    }, periodMs).unref();
  }

  onRevocation(prisma, (userId) => void tryCheck([...watched.keys()].filter(({ viewer }) => viewer.id === userId)));

  return {
    watch(credential, viewer, onRevoked) {
      if (viewer.kind !== 'user') return () => undefined;
      const entry = { credential, viewer };
      const expiry = timeExpiry(viewer, () => {
        if (watched.delete(entry)) onRevoked();
      });
      watched.set(entry, () => {
        clearTimeout(expiry);
        onRevoked();
      });
      schedule();
      return () => {
        clearTimeout(expiry);
        watched.delete(entry);
      };
    },
    stop() {
      watched.clear();
      clearTimeout(timer);
    },
  };
}

/** Calls back when the credential expires: connections end at that moment, not with the next check. */
function timeExpiry({ expires_at }: UserViewer, onExpired: () => void): NodeJS.Timeout | undefined {
  if (expires_at === null) return undefined;
  const leftMs = expires_at.getTime() - Date.now();
  // A timer cannot wait longer than `maxTimerMs`; a later check finds a credential that expires after that.
  return leftMs > maxTimerMs ? undefined : setTimeout(onExpired, Math.max(leftMs, 0)).unref();
}
