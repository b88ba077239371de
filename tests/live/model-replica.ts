import { decodeCursor, encodeCursor } from '../../src/live/feed/cursor.ts';
import type { Feed } from '../../src/live/feed/feed.ts';
import type { FeedChange } from '../../src/live/feed/feed-change.ts';
import { readInbox } from '../../src/notifications/inbox.ts';
import { filterPredicate, type InboxFilter } from '../../src/notifications/inbox-filter.ts';
import { type Notification, notificationColumns } from '../../src/notifications/model.ts';
import type { Context } from '../notifications/people.ts';
import { identityOf } from '../support/identity.ts';

/** The rows and counts that a client of an inbox shows. */
export interface Shown {
  /** Row versions by key. */
  readonly rows: ReadonlyMap<number, number>;
  readonly unread: number;
  /** Undefined for a replica that does not ask for it. */
  readonly unseen: number | undefined;
}

/** A change that was received. */
export interface ReceivedChange {
  readonly change: FeedChange;
  readonly version: number;
}

/** A client that keeps an inbox up to date by the documented protocol, and records violations. */
export interface Replica {
  readonly recipient: string;
  readonly filter: InboxFilter;
  readonly faults: string[];
  readonly received: ReceivedChange[];
  /** Resumes the stream from its cursor, and takes at most this many changes. */
  connect(count?: number): Promise<void>;
  disconnect(): Promise<void>;
  /** Discards its state, reads the first page again, and follows from there. */
  forget(): Promise<void>;
  /** Makes it keep a copy of what it shows just before it receives the first change above this version. */
  markEnd(version: number): void;
  /** The copy that `markEnd` requested; undefined until such a change has arrived. */
  atEnd(): Shown | undefined;
  now(): Shown;
}

export interface ReplicaOptions {
  readonly feed: Feed;
  /** The recipient's context. */
  readonly own: Context;
  readonly recipient: string;
  readonly filter: InboxFilter;
  /** Called after every change that was taken. */
  readonly onChange: () => void;
}

const pageSize = 1000;

export async function aReplica({ feed, own, recipient, filter, onChange }: ReplicaOptions): Promise<Replica> {
  const matches = filterPredicate(filter);
  const database = identityOf(own.db).current();
  const faults: string[] = [];
  const received: ReceivedChange[] = [];
  let rows = new Map<number, number>();
  let unread = 0;
  let unseen: number | undefined;
  // A replica with a filter would also be told of changes that do not match, which the checks do not expect.
  const wantsFigures = Object.keys(filter).length === 0;
  let cursor = '';
  let stream: AsyncIterableIterator<FeedChange> | undefined;
  let reading: Promise<void> | undefined;
  let budget = 0;
  let end = Number.POSITIVE_INFINITY;
  let shownAtEnd: Shown | undefined;

  const versionOf = (text: string) => decodeCursor(text, 'cursor').version;
  const shown = (): Shown => ({ rows: new Map(rows), unread, unseen });

  async function readPage(): Promise<void> {
    const wanted = wantsFigures ? (['unseen'] as const) : [];
    const first = await readInbox(own, notificationColumns, { ...filter, limit: pageSize }, wanted);
    unseen = first.figures.unseen;
    rows = new Map();
    unread = first.unread;
    cursor = encodeCursor({ database, recipient, version: first.version });
    for (let page = first; ; ) {
      for (const { id, version } of page.notifications) rows.set(id, version);
      const last = page.notifications.at(-1);
      if (last === undefined || page.notifications.length < pageSize) return;
      page = await readInbox(own, notificationColumns, { ...filter, limit: pageSize, starting_before: `${last.id}` });
    }
  }

  function apply(change: FeedChange): void {
    const version = versionOf(change.cursor);
    received.push({ change, version });
    const name = `${change.kind} ${change.key} at ${version}`;
    if (version <= versionOf(cursor)) faults.push(`${name} after ${versionOf(cursor)}`);
    if (version > end && shownAtEnd === undefined) shownAtEnd = shown();
    const { key, notification } = change;
    unseen = wantsFigures ? change.figures?.unseen : undefined;
    if (change.kind === 'counted') {
      if (!wantsFigures || key !== null) faults.push(`${name} was not asked for`);
    } else if (key === null) faults.push(`${name} has no key`);
    else if (change.kind === 'deleted') rows.delete(key);
    else if (notification) rows.set(key, notification.version);
    faults.push(...faultsOfRow(change, version).map((fault) => `${name}: ${fault}`));
    unread = change.unread;
    cursor = change.cursor;
  }

  function faultsOfRow({ kind, key, notification }: FeedChange, version: number): string[] {
    if (notification === null) return kind === 'deleted' || kind === 'counted' ? [] : ['no row'];
    const isIn = isOwn(notification) && matches(notification);
    return [
      ...(notification.id === key && notification.version === version ? [] : ['another row']),
      ...(isIn === (kind !== 'deleted') ? [] : [`the row is ${isIn ? '' : 'not '}followed`]),
    ];
  }
  const isOwn = (row: Notification) => row.recipient_id === recipient;

  /** Takes changes one at a time, so that every change taken is applied. */
  async function read(): Promise<void> {
    while (budget > 0 && stream) {
      const taking = stream;
      const { done, value } = await taking.next();
      if (done && taking === stream) stream = undefined;
      if (done || taking !== stream) continue;
      budget -= 1;
      if (value.kind === 'reset') {
        await taking.return?.();
        await readPage();
        stream = await feed.open({ recipient, after: cursor, filter, wantsFigures });
      } else {
        apply(value);
      }
      onChange();
    }
    reading = undefined;
  }

  const replica: Replica = {
    recipient,
    filter,
    faults,
    received,
    async connect(count = Number.POSITIVE_INFINITY) {
      budget = count;
      stream ??= await feed.open({ recipient, after: cursor, filter, wantsFigures });
      reading ??= read();
    },
    async disconnect() {
      budget = 0;
      do {
        const open = stream;
        stream = undefined;
        await open?.return?.();
        await reading;
      } while (stream);
    },
    async forget() {
      await replica.disconnect();
      await readPage();
      await replica.connect();
    },
    markEnd(version) {
      end = version;
      shownAtEnd = undefined;
    },
    atEnd: () => shownAtEnd,
    now: shown,
  };
  await readPage();
  return replica;
}
