import type { Database } from '../database/database.ts';
import { onRevocation } from './revocations.ts';
import { tokenHash } from './token-hash.ts';
import type { Viewer } from './viewer.ts';

/** How often the tokens of open connections are asked after, in milliseconds; as long as a token is remembered. */
const defaultPeriodMs = 2_000;

/** Looks after the tokens that connections were opened with, for as long as those stay open. */
export interface TokenWatch {
  /**
   * Calls `onGone`, once, when the token stops standing for this viewer: it was taken back or expired, or its user
   * was suspended, deleted or given another role. At once on the node that wrote the change, else within the period.
   * The answer ends the watch.
   */
  watch(token: string, viewer: Viewer, onGone: () => void): () => void;
  stop(): void;
}

interface Watched {
  readonly key: string;
  readonly hash: Buffer;
  readonly viewer: Extract<Viewer, { kind: 'user' }>;
  readonly onGone: () => void;
}

interface Good {
  readonly key: string;
  readonly id: string;
  readonly role: string;
}

/** Asks the database about all watched tokens in one query each period, and not at all while there are none. */
export function createTokenWatch(options: {
  readonly db: Database;
  readonly now: () => Date;
  readonly periodMs?: number;
}): TokenWatch {
  const { db, now, periodMs = defaultPeriodMs } = options;
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;

  async function check(some: readonly Watched[]): Promise<void> {
    if (some.length === 0) return;
    const hashes = [...new Map(some.map(({ key, hash }) => [key, hash])).values()];
    const good = await db.query<Good>({ name: 'good_tokens', text: goodText, values: [hashes, now().toISOString()] });
    const byKey = new Map(good.map((one) => [one.key, one]));
    for (const one of some) {
      const found = byKey.get(one.key);
      const isGood = found?.id === one.viewer.id && found.role === one.viewer.role;
      if (!isGood && watched.delete(one)) one.onGone();
    }
  }

  /** A database that cannot be asked proves nothing; the next period asks again. */
  const look = (some: readonly Watched[]) => check(some).catch(() => undefined);

  function schedule(): void {
    timer ??= setTimeout(async () => {
      await look([...watched]);
      timer = undefined;
      if (watched.size > 0) schedule();
    }, periodMs).unref();
  }

  onRevocation(db, (userId) => void look([...watched].filter(({ viewer }) => viewer.id === userId)));

  return {
    watch(token, viewer, onGone) {
      if (viewer.kind !== 'user') return () => undefined;
      const hash = Buffer.from(tokenHash(token));
      const one: Watched = { key: hash.toString('hex'), hash, viewer, onGone };
      watched.add(one);
      schedule();
      return () => void watched.delete(one);
    },
    stop() {
      watched.clear();
      clearTimeout(timer);
    },
  };
}

const goodText = `
  select encode(token.sha256, 'hex') as key, users.id, users.role
  from access_tokens as token join users on users.id = token.user_id
  where token.sha256 = any ($1::bytea[]) and users.status = 'active'
    and (token.expires_at is null or token.expires_at > $2::timestamptz)`;
