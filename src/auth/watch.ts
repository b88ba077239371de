import type { ServicePrisma } from '../database/prisma.ts';
import { onRevocation } from './revocations.ts';
import type { AuthMethods } from './sql/methods.ts';
import type { Viewer } from './viewer.ts';

/** Maximum number of credentials checked by one query: few enough that other queries are not delayed. */
const askedAtOnce = 500;
/** Milliseconds between checks of open connections; equal to the time a token is cached. */
const defaultPeriodMs = 2_000;

type UserViewer = Extract<Viewer, { kind: 'user' }>;

/** Watches the credentials of open connections. */
export interface Watch<Credential> {
  /**
   * Calls `onGone` once when the credential stops identifying this viewer: immediately on the node that made the
   * change, within one period elsewhere. Returns a function that stops watching.
   */
  watch(credential: Credential, viewer: Viewer, onGone: () => void): () => void;
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
 * @param goodOnes returns those that still identify their viewer, with one query.
 */
export function createWatch<Credential>(
  { prisma, periodMs = defaultPeriodMs }: WatchOptions,
  goodOnes: (some: readonly Watched<Credential>[]) => Promise<ReadonlySet<Watched<Credential>>>,
): Watch<Credential> {
  const watched = new Map<Watched<Credential>, () => void>();
  let timer: NodeJS.Timeout | undefined;

  async function check(some: readonly Watched<Credential>[]): Promise<void> {
    if (some.length === 0) return;
    const good = await goodOnes(some);
    for (const one of some) {
      const onGone = watched.get(one);
      if (good.has(one) || !onGone) continue;
      watched.delete(one);
      onGone();
    }
  }

  /** A failed query proves nothing; the next period checks again. */
  const look = (some: readonly Watched<Credential>[]) => check(some).catch(() => undefined);

  function schedule(): void {
    timer ??= setTimeout(async () => {
      const all = [...watched.keys()];
      for (let place = 0; place < all.length; place += askedAtOnce) await look(all.slice(place, place + askedAtOnce));
      timer = undefined;
      if (watched.size > 0) schedule();
    }, periodMs).unref();
  }

  onRevocation(prisma, (userId) => void look([...watched.keys()].filter(({ viewer }) => viewer.id === userId)));

  return {
    watch(credential, viewer, onGone) {
      if (viewer.kind !== 'user') return () => undefined;
      const one = { credential, viewer };
      watched.set(one, onGone);
      schedule();
      return () => void watched.delete(one);
    },
    stop() {
      watched.clear();
      clearTimeout(timer);
    },
  };
}
