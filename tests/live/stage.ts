import { afterEach } from '@jest/globals';
import { userViewer } from '../../src/auth/viewer.ts';
import type { Database } from '../../src/database/database.ts';
import { type Bus, createMemoryBus } from '../../src/live/bus/bus.ts';
import { encodeCursor } from '../../src/live/feed/cursor.ts';
import { createFeed, type Feed, type FeedOptions, type FeedRequest } from '../../src/live/feed/feed.ts';
import type { FeedChange } from '../../src/live/feed/feed-change.ts';
import { type Inbox, readInbox } from '../../src/notifications/inbox.ts';
import { notificationColumns } from '../../src/notifications/model.ts';
import { servicePrisma } from '../../src/prisma.ts';
import type { Context } from '../notifications/people.ts';
import { aUser, contextFor } from '../notifications/people.ts';
import { identityOf, type TestIdentity } from '../support/identity.ts';

/** A feed of one recipient's inbox, with contexts that write to it. */
export interface FeedStage {
  readonly bus: Bus;
  readonly feed: Feed;
  readonly recipient: string;
  readonly admin: Context;
  readonly own: Context;
  readonly errors: unknown[];
  readonly identity: TestIdentity;
  open(request?: Partial<FeedRequest>): Promise<AsyncIterableIterator<FeedChange>>;
  inbox(): Promise<Inbox & { readonly cursor: string }>;
}

const feeds: Feed[] = [];
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.stop();
});

/** @param more overrides the feed's options; periodic checks are off by default. */
export async function aFeed(db: Database, more: Partial<FeedOptions> = {}): Promise<FeedStage> {
  const bus = more.bus ?? createMemoryBus();
  const errors: unknown[] = [];
  const identity = identityOf(db);
  const feed = createFeed({
    prisma: servicePrisma(db),
    bus,
    identity,
    onError: (error) => errors.push(error),
    checkMs: 1e9,
    ...more,
  });
  feeds.push(feed);
  const recipient = await aUser(db);
  const own = contextFor(db, userViewer(recipient, 'member'), { bus, now: () => new Date() });
  const admin = contextFor(db, userViewer(await aUser(db, 'admin'), 'admin'), { bus, now: () => new Date() });
  return {
    bus,
    feed,
    recipient,
    admin,
    own,
    errors,
    identity,
    open: (request = {}) => feed.open({ recipient, ...request }),
    async inbox() {
      const inbox = await readInbox(own, notificationColumns, { limit: 1000 });
      return { ...inbox, cursor: encodeCursor({ database: identity.current(), recipient, version: inbox.version }) };
    },
  };
}

/** Takes the next changes. */
export async function take(changes: AsyncIterableIterator<FeedChange>, count: number): Promise<FeedChange[]> {
  const taken: FeedChange[] = [];
  while (taken.length < count) {
    const { done, value } = await changes.next();
    if (done) throw new Error(`The feed ended after ${taken.length} of ${count} changes.`);
    taken.push(value);
  }
  return taken;
}

export const inShort = ({ kind, key, unread }: FeedChange) => `${kind} ${key}, ${unread} unread`;
