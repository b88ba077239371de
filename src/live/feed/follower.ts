import type { InboxBatch } from '../../notifications/change-batches.ts';
import type { Notification } from '../../notifications/model.ts';
import {
  type BatchChanges,
  batchChangesOf,
  changeForFollower,
  type FeedChange,
  type InboxName,
  resetOf,
} from './feed-change.ts';

/*
 * There are very many idle followers, so each is a plain record and two functions; the rest is shared.
 *
 * A follower that is behind reads the table, one batch at a time, after its reader has taken the previous one. A
 * follower that has caught up receives what the node reads for all. Its buffer is bounded: on overflow the buffer is
 * discarded and the follower reads the table again later.
 */

/** What all followers of one inbox share. `inbox` is replaced by a new object when the store changes. */
export interface SharedInbox {
  readonly inbox: InboxName;
  /** Reads the changes after a version, with the figures if a follower wants them. */
  read(after: number, isWanted: () => boolean): Promise<InboxBatch | undefined>;
  /** Called when the follower has read everything. Makes it live unless other followers are further ahead. */
  onCaughtUp(follower: Follower): void;
  onEnd(follower: Follower): void;
}

/** One client of a feed, which takes changes at its own pace. */
export interface Follower {
  readonly shared: SharedInbox;
  readonly matches: (row: Notification) => boolean;
  /** Whether it is told when only figures changed. */
  readonly wantsFigures: boolean;
  buffer: BufferedChange[];
  /** Message characters in the buffer. */
  characters: number;
  /** The version up to which changes are buffered or taken. */
  bufferedUpTo: number;
  /** The version up to which the reader has taken changes. */
  takenUpTo: number;
  /** True while the follower receives what the node reads for all. */
  isLive: boolean;
  isOver: boolean;
  /** Resolves the pending `next()`; undefined while nothing is read. */
  pendingRead: ((result: Result | Promise<Result>) => void) | undefined;
}

interface BufferedChange {
  readonly change: FeedChange;
  readonly version: number;
}

type Result = IteratorResult<FeedChange, undefined>;

/** Maximum number of changes, and of message characters, buffered for a live follower. */
const bufferLimits = { changes: 1_000, characters: 4_000_000 } as const;

/** A version that no inbox reaches. Reading after it yields a reset with the inbox's current version. */
export const unreachableVersion: number = Number.MAX_SAFE_INTEGER;

const over: Result = { done: true, value: undefined };

/** What a follower wants to receive. */
export type Wanted = Pick<Follower, 'matches' | 'wantsFigures'>;

/** @param position the version up to which the reader has received changes. */
export function createFollower(shared: SharedInbox, position: number, { matches, wantsFigures }: Wanted): Follower {
  return {
    shared,
    matches,
    wantsFigures,
    buffer: [],
    characters: 0,
    bufferedUpTo: position,
    takenUpTo: position,
    isLive: false,
    isOver: false,
    pendingRead: undefined,
  };
}

/** The follower's changes as an async iterator. */
export function streamOf(follower: Follower): AsyncIterableIterator<FeedChange> {
  return {
    next: () => next(follower),
    async return() {
      endFollower(follower);
      return over;
    },
    [Symbol.asyncIterator]: returnThis,
  };
}

/** Shared by all iterators: a function per iterator would cost each a hidden class of its own. */
function returnThis<Stream>(this: Stream): Stream {
  return this;
}

/** Adds the changes of a batch; on overflow the follower will read them from the table. */
export function pushChanges(follower: Follower, batch: BatchChanges): void {
  pushMatching(follower, batch);
  flush(follower);
}

/** Adds a reset to the buffer. */
export function pushReset(follower: Follower, change: FeedChange, version: number): void {
  follower.bufferedUpTo = version;
  push(follower, change, version);
  flush(follower);
}

/** Discards the buffer and makes the reader receive a reset: the store changed, for example after a restore. */
export function forceReset(follower: Follower): void {
  const wasLive = follower.isLive;
  follower.buffer = [];
  follower.characters = 0;
  follower.bufferedUpTo = unreachableVersion;
  follower.takenUpTo = unreachableVersion;
  follower.isLive = false;
  if (wasLive && follower.pendingRead) readOn(follower);
}

export function endFollower(follower: Follower): void {
  if (follower.isOver) return;
  follower.isOver = true;
  follower.isLive = false;
  follower.buffer = [];
  follower.shared.onEnd(follower);
  resolveRead(follower, over);
}

function next(follower: Follower): Promise<Result> {
  const first = take(follower) ?? (follower.isOver ? over : undefined);
  if (first) return Promise.resolve(first);
  const result = new Promise<Result>((resolve) => {
    follower.pendingRead = resolve;
  });
  if (!follower.isLive) readOn(follower);
  return result;
}

function readOn(follower: Follower): void {
  catchUp(follower).catch((error: unknown) => resolveRead(follower, Promise.reject(error)));
}

/** Reads batches until there is a change for the reader or the follower has caught up. */
async function catchUp(follower: Follower): Promise<void> {
  const { shared } = follower;
  while (follower.pendingRead && !follower.isLive) {
    const { inbox } = shared;
    const batch = await shared.read(follower.bufferedUpTo, () => !follower.isOver);
    if (follower.isOver) return;
    if (batch === undefined) return resolveRead(follower, over);
    // The batch belongs to the previous store.
    if (shared.inbox !== inbox) continue;
    if (batch.isReset) {
      follower.bufferedUpTo = batch.version;
      push(follower, resetOf(shared.inbox, batch), batch.version);
    } else {
      pushMatching(follower, batchChangesOf(shared.inbox, batch));
    }
    if (!batch.isPartial) shared.onCaughtUp(follower);
    resolveNext(follower);
  }
}

function take(follower: Follower): Result | undefined {
  const first = follower.buffer.shift();
  if (first === undefined) return undefined;
  follower.characters -= messageLength(first.change);
  if (follower.buffer.length > 0) {
    follower.takenUpTo = first.version;
  } else {
    follower.takenUpTo = follower.bufferedUpTo;
    // A new array, because an emptied one keeps its capacity.
    follower.buffer = [];
  }
  return { done: false, value: first.change };
}

function push(follower: Follower, change: FeedChange, version: number): void {
  follower.buffer.push({ change, version });
  follower.characters += messageLength(change);
}

function pushMatching(follower: Follower, { changes, version, counted }: BatchChanges): void {
  const { matches, wantsFigures, bufferedUpTo: after } = follower;
  let sentUpTo = after;
  for (const pending of changes) {
    if (pending.version <= after) continue;
    const change = changeForFollower({ matches, after }, pending);
    if (!change) continue;
    push(follower, change, pending.version);
    sentUpTo = pending.version;
  }
  if (wantsFigures && counted && sentUpTo < version) push(follower, counted(), version);
  follower.bufferedUpTo = Math.max(after, version);
  if (follower.buffer.length === 0) follower.takenUpTo = follower.bufferedUpTo;
}

/** Resolves a pending `next()` with the first buffered change. */
function resolveNext(follower: Follower): void {
  const first = follower.pendingRead && take(follower);
  if (first) resolveRead(follower, first);
}

function resolveRead(follower: Follower, result: Result | Promise<Result>): void {
  follower.pendingRead?.(result);
  follower.pendingRead = undefined;
}

/** Resolves a pending `next()`, then discards the buffer if it is too large. */
function flush(follower: Follower): void {
  resolveNext(follower);
  const { buffer, characters, takenUpTo } = follower;
  if (buffer.length <= bufferLimits.changes && characters <= bufferLimits.characters) return;
  follower.buffer = [];
  follower.characters = 0;
  follower.bufferedUpTo = takenUpTo;
  follower.isLive = false;
}

/** The message is the only long field of a change. */
function messageLength({ notification }: FeedChange): number {
  return notification?.message?.length ?? 0;
}
