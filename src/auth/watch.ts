import type { Database } from '../database/database.ts';
import { onRevocation } from './revocations.ts';
import type { Viewer } from './viewer.ts';

/** Credentials asked after by one query: few enough that what comes meanwhile does not wait for it. */
const askedAtOnce = 500;
/** How often the credentials of open connections are asked after, in milliseconds; as long as a token is remembered. */
const defaultPeriodMs = 2_000;

type UserViewer = Extract<Viewer, { kind: 'user' }>;

/** Looks after the credentials that connections were opened with, for as long as those stay open. */
export interface Watch<Credential> {
  /**
   * Calls `onGone`, once, when the credential stops standing for this viewer. At once on the node that wrote the
   * change, else within the period. The answer ends the watch.
   */
  watch(credential: Credential, viewer: Viewer, onGone: () => void): () => void;
  stop(): void;
}

/** One credential that is looked after. */
export interface Watched<Credential> {
  readonly credential: Credential;
  readonly viewer: UserViewer;
}

export interface WatchOptions {
  readonly db: Database;
  readonly periodMs?: number;
}

/**
 * Asks about all watched credentials each period, many in one query, and not at all while there are none.
 * @param goodOnes answers those that still stand for their viewer, in one query.
 */
export function createWatch<Credential>(
  { db, periodMs = defaultPeriodMs }: WatchOptions,
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

  /** A database that cannot be asked proves nothing; the next period asks again. */
  const look = (some: readonly Watched<Credential>[]) => check(some).catch(() => undefined);

  function schedule(): void {
    timer ??= setTimeout(async () => {
      const all = [...watched.keys()];
      for (let place = 0; place < all.length; place += askedAtOnce) await look(all.slice(place, place + askedAtOnce));
      timer = undefined;
      if (watched.size > 0) schedule();
    }, periodMs).unref();
  }

  onRevocation(db, (userId) => void look([...watched.keys()].filter(({ viewer }) => viewer.id === userId)));

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
