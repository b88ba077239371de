import { setTimeout as delay } from 'node:timers/promises';
import type { Queryable } from '../../database/database.ts';
import type { DatabaseIdentity } from '../../database/identity.ts';
import type { InboxBatch } from '../../notifications/inbox-changes.ts';
import { filterPredicate, type InboxFilter } from '../../notifications/inbox-filter.ts';
import type { Bus, BusListener } from '../bus/bus.ts';
import { decodeCursor } from './cursor.ts';
import {
  type ChannelSource,
  createFeedChannel,
  endChannel,
  type FeedChannel,
  found,
  heard,
  openChannel,
  restartChannel,
} from './feed-channel.ts';
import { beyond } from './feed-subscriber.ts';
import type { InboxChange, InboxName } from './inbox-change.ts';
import { createInboxReader } from './inbox-reader.ts';

/** What to follow, and from where. */
export interface FeedRequest {
  readonly recipient: string;
  /** The cursor of an inbox or of a change; without one it begins now. */
  readonly after?: string | null | undefined;
  readonly filter?: InboxFilter;
}

/** The changes of inboxes after a cursor each. */
export interface Feed {
  /**
   * Every change of one inbox after the cursor, each row's newest state, by ascending version: first from the table,
   * then as they come. A cursor of another store or inbox, or one older than what is remembered of deletions, gives
   * one `reset` and goes on from now. It is read at the reader's pace, and ends when it is returned or the feed stops.
   * @throws ServiceError INVALID_QUERY for a text that is no cursor, FAILED_VALIDATION for a malformed uuid.
   */
  open(request: FeedRequest): Promise<AsyncIterableIterator<InboxChange>>;
  stop(): void;
}

export interface FeedOptions {
  readonly db: Queryable;
  readonly bus: Bus;
  readonly identity: DatabaseIdentity;
  /** Told once when the database begins not to answer, and again only after it has answered. */
  readonly onError: (error: unknown) => void;
  /** Told when the user whose inbox is followed was deleted, by whichever node: nothing of theirs may stay open. */
  readonly onUserGone?: (recipient: string) => void;
  /** How often the followed inboxes are looked at, whatever the bus says; left out: every three seconds. */
  readonly checkMs?: number;
}

/** Between two tries while the database does not answer. */
const retryMs = 500;
/** Inboxes looked at by one statement: few enough that what comes meanwhile does not wait for it. */
const checkedAtOnce = 500;

/**
 * The feed of a node. What the bus brings only says when to look: a message that is lost costs the time until the next
 * check. A database that does not answer is asked again; nothing is lost by that, as a feed tells states.
 */
export function createFeed({ db, bus, identity, onError, onUserGone, checkMs = 3_000 }: FeedOptions): Feed {
  const reader = createInboxReader(db);
  const channels = new Map<string, { readonly channel: FeedChannel; readonly unfollow: () => void }>();
  const unsure = new Set<string>();
  let isChecking = false;
  let asked = 0;
  /** Since which question the database has not answered. */
  let downSince: number | undefined;
  let isStopped = false;

  /** That it still does not answer, to this inbox or to others, is nothing new. */
  async function ask<Result>(question: () => Promise<Result>): Promise<Result> {
    const place = ++asked;
    try {
      const result = await question();
      // One that was asked before, and is answered late, says nothing of now.
      if (downSince !== undefined && place > downSince) downSince = undefined;
      return result;
    } catch (error) {
      if (downSince === undefined) onError(error);
      downSince ??= asked;
      throw error;
    }
  }

  async function read(inbox: InboxName, after: number, isWanted: () => boolean): Promise<InboxBatch | undefined> {
    while (!isStopped && isWanted()) {
      try {
        return await ask(() => reader.read(inbox.recipient, after));
      } catch {
        await delay(retryMs, undefined, { ref: false });
      }
    }
    return undefined;
  }

  /** Looks at the inboxes that may have changed unheard. */
  async function check(): Promise<void> {
    isChecking = true;
    // Those told of in the same turn are looked at together.
    await undefined;
    while (unsure.size > 0 && !isStopped) {
      const recipients = take(unsure, checkedAtOnce);
      const heads = recipients.map((recipient) => channels.get(recipient)?.channel.head ?? 0);
      try {
        const rows = await ask(() =>
          db.query<{ recipient_id: string; version: number }>({
            name: 'changed_inboxes',
            text: changedText,
            // Text is written faster than an array.
            values: [`{${recipients}}`, `{${heads}}`],
          }),
        );
        for (const { recipient_id, version } of rows) {
          const known = channels.get(recipient_id);
          if (known) found(known.channel, version);
        }
      } catch {
        // The next round looks at all of them again.
        unsure.clear();
      }
    }
    isChecking = false;
  }
  function checkSoon(recipients: Iterable<string>): void {
    for (const recipient of recipients) unsure.add(recipient);
    if (!isChecking) void check();
  }
  const timer = setInterval(() => checkSoon(channels.keys()), checkMs).unref();

  const source: ChannelSource = {
    read,
    onEmpty({ inbox: { recipient } }) {
      channels.get(recipient)?.unfollow();
      channels.delete(recipient);
    },
  };
  const listener: BusListener = {
    written(ranges) {
      for (const { recipient, from, to } of ranges) {
        if (from === to) onUserGone?.(recipient);
        const known = channels.get(recipient);
        if (known) heard(known.channel, to);
      }
    },
    interrupted: (recipient) => checkSoon(recipient === undefined ? channels.keys() : [recipient]),
  };

  function channelOf(inbox: InboxName): FeedChannel {
    const { recipient } = inbox;
    const known = channels.get(recipient);
    if (known) return known.channel;
    const channel = createFeedChannel(inbox, source);
    channels.set(recipient, { channel, unfollow: bus.follow(recipient, listener) });
    return channel;
  }

  const unlisten = identity.onChange(() => {
    const database = identity.current();
    for (const [recipient, { channel }] of channels) restartChannel(channel, { database, recipient });
  });

  return {
    async open({ recipient, after, filter = {} }) {
      const matches = filterPredicate(filter);
      const cursor = after === null || after === undefined ? undefined : decodeCursor(after, 'after');
      const database = identity.current();
      const isOwn = cursor?.database === database && cursor.recipient === recipient;
      const position = isOwn ? cursor.version : beyond;
      // Whoever has no cursor begins at the version of this moment.
      const { version } = cursor ? { version: position } : await reader.read(recipient, beyond);
      const inbox = { database: identity.current(), recipient };
      // Read from what has another history by now, it is no place in this one.
      return openChannel(channelOf(inbox), inbox.database === database ? version : beyond, matches);
    },
    stop() {
      isStopped = true;
      unlisten();
      clearInterval(timer);
      for (const { channel } of [...channels.values()]) endChannel(channel);
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

const changedText = `
  select inbox.recipient_id, inbox.version
  from unnest($1::uuid[], $2::bigint[]) as told (recipient_id, version) join inboxes as inbox using (recipient_id)
  where inbox.version <> told.version`;
