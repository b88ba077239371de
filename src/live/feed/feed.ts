import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseIdentity } from '../../database/identity.ts';
import { filterPredicate, type InboxFilter } from '../../notifications/inbox-filter.ts';
import type { NotificationMethods } from '../../notifications/sql/methods.ts';
import type { Bus, BusListener } from '../bus/bus.ts';
import type { LiveMethods } from '../sql/methods.ts';
import { createBatchReader } from './batch-reader.ts';
import { decodeCursor } from './cursor.ts';
import type { FeedChange, InboxName } from './feed-change.ts';
import {
  addFollower,
  createFollowedInbox,
  endFollowers,
  type FollowedInbox,
  type InboxSource,
  onVersionAnnounced,
  onVersionRead,
  resetFollowers,
} from './followed-inbox.ts';
import { unreachableVersion } from './follower.ts';

/** Which inbox to follow, and from where. */
export interface FeedRequest {
  readonly recipient: string;
  /** The cursor of an inbox or of a change; without one the feed starts now. */
  readonly after?: string | null | undefined;
  readonly filter?: InboxFilter;
  /** Whether changes carry the figures, and the reader is told when only they changed. */
  readonly wantsFigures?: boolean;
}

/** Resumable changes of inboxes. */
export interface Feed {
  /**
   * Every change of one inbox after the cursor, each with the current row, by ascending version: first from the table,
   * then live. A cursor of another store or inbox, or one older than the retention of tombstones, yields one `reset`
   * and continues from now. The stream is read at the reader's pace, and ends when the reader returns it or the feed
   * stops.
   * @throws ServiceError INVALID_QUERY for a malformed cursor, FAILED_VALIDATION for a malformed UUID.
   */
  open(request: FeedRequest): Promise<AsyncIterableIterator<FeedChange>>;
  stop(): void;
}

export interface FeedOptions {
  readonly prisma: LiveMethods & NotificationMethods;
  readonly bus: Bus;
  readonly identity: DatabaseIdentity;
  /** Called with the first failure of an outage; later failures are not reported until a query has succeeded. */
  readonly onError: (error: unknown) => void;
  /** Called on every node that follows the inbox of a deleted user: all connections of that user must be closed. */
  readonly onUserDeleted?: (recipient: string) => void;
  /** Milliseconds between checks of the followed inboxes, independent of the bus; default 3,000. */
  readonly checkMs?: number;
}

/** Milliseconds between retries while the database does not respond. */
const retryMs = 500;
/** Inboxes checked by one statement: few enough that other requests are not delayed. */
const checkedAtOnce = 500;

/**
 * The feed of one node. Bus messages only say when to read: a lost message delays a change until the next check. Failed
 * reads are retried without loss, because a feed sends states rather than events.
 */
export function createFeed({ prisma, bus, identity, onError, onUserDeleted, checkMs = 3_000 }: FeedOptions): Feed {
  const reader = createBatchReader(prisma);
  const followedInboxes = new Map<string, { readonly followed: FollowedInbox; readonly unfollow: () => void }>();
  const toCheck = new Set<string>();
  let isChecking = false;
  let lastSequence = 0;
  /** Sequence number of the newest query when the first one of the current outage failed; undefined while healthy. */
  let downSince: number | undefined;
  let isStopped = false;

  /** Runs a query and reports only the first failure of an outage. */
  async function runQuery<Result>(query: () => Promise<Result>): Promise<Result> {
    const sequence = ++lastSequence;
    try {
      const result = await query();
      // A query sent before the outage and answered late does not end it.
      if (downSince !== undefined && sequence > downSince) downSince = undefined;
      return result;
    } catch (error) {
      if (downSince === undefined) onError(error);
      downSince ??= lastSequence;
      throw error;
    }
  }

  const read: InboxSource['read'] = async ({ inbox: { recipient }, withFigures }, after, isWanted) => {
    while (!isStopped && isWanted()) {
      try {
        return await runQuery(() => reader.read(recipient, after, withFigures));
      } catch {
        await delay(retryMs, undefined, { ref: false });
      }
    }
    return undefined;
  };

  /** Reads which inboxes of `toCheck` have changed: there may have been no bus message. */
  async function check(): Promise<void> {
    isChecking = true;
    // Collects the inboxes reported in the same turn.
    await undefined;
    while (toCheck.size > 0 && !isStopped) {
      const recipients = take(toCheck, checkedAtOnce);
      const heads = recipients.map((recipient) => followedInboxes.get(recipient)?.followed.head ?? 0);
      try {
        const rows = await runQuery(() => prisma.inbox.findChanged(recipients, heads));
        for (const { recipient_id, version } of rows) {
          const existing = followedInboxes.get(recipient_id);
          if (existing) onVersionRead(existing.followed, version);
        }
      } catch {
        // The next check covers all of them again.
        toCheck.clear();
      }
    }
    isChecking = false;
  }
  function checkSoon(recipients: Iterable<string>): void {
    for (const recipient of recipients) toCheck.add(recipient);
    if (!isChecking) void check();
  }
  const timer = setInterval(() => checkSoon(followedInboxes.keys()), checkMs).unref();

  const source: InboxSource = {
    read,
    onEmpty({ inbox: { recipient } }) {
      followedInboxes.get(recipient)?.unfollow();
      followedInboxes.delete(recipient);
    },
  };
  const listener: BusListener = {
    written(ranges) {
      for (const { recipient, from, to } of ranges) {
        if (from === to) onUserDeleted?.(recipient);
        const existing = followedInboxes.get(recipient);
        if (existing) onVersionAnnounced(existing.followed, to);
      }
    },
    interrupted: (recipient) => checkSoon(recipient === undefined ? followedInboxes.keys() : [recipient]),
  };

  function followedInboxOf(inbox: InboxName): FollowedInbox {
    const { recipient } = inbox;
    const existing = followedInboxes.get(recipient);
    if (existing) return existing.followed;
    const followed = createFollowedInbox(inbox, source);
    followedInboxes.set(recipient, { followed, unfollow: bus.follow(recipient, listener) });
    return followed;
  }

  const stopWatchingIdentity = identity.onChange(() => {
    const database = identity.current();
    for (const [recipient, { followed }] of followedInboxes) resetFollowers(followed, { database, recipient });
  });

  return {
    async open({ recipient, after, filter = {}, wantsFigures = false }) {
      const matches = filterPredicate(filter);
      const cursor = after === null || after === undefined ? undefined : decodeCursor(after, 'after');
      const database = identity.current();
      const isOwn = cursor?.database === database && cursor.recipient === recipient;
      const given = isOwn ? cursor.version : unreachableVersion;
      // Without a cursor, the feed starts at the current version.
      const { version } = cursor ? { version: given } : await reader.read(recipient, unreachableVersion);
      const inbox = { database: identity.current(), recipient };
      // The version was read under another identity of the store and means nothing under this one.
      const position = inbox.database === database ? version : unreachableVersion;
      return addFollower(followedInboxOf(inbox), position, { matches, wantsFigures });
    },
    stop() {
      isStopped = true;
      stopWatchingIdentity();
      clearInterval(timer);
      for (const { followed } of [...followedInboxes.values()]) endFollowers(followed);
    },
  };
}

function take<Item>(items: Set<Item>, most: number): Item[] {
  const taken: Item[] = [];
  for (const item of items) {
    if (taken.length === most) break;
    taken.push(item);
    items.delete(item);
  }
  return taken;
}
