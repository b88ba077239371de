import type { InboxBatch } from '../../notifications/inbox-changes.ts';
import type { Notification } from '../../notifications/model.ts';
import { changesOf, type InboxChange, type InboxName, resetOf, type StepChange, toldTo } from './inbox-change.ts';

/*
 * There are very many readers who wait, so each is a record and two functions; the rest is shared.
 *
 * A reader who is behind reads from the table, batch by batch, when the batch before is taken; one who has caught up is
 * told. Whatever waits is bounded: beyond it what waits is let go, and read again later, as it is then.
 */

/** What all readers of one inbox share. `inbox` is another object once it is another inbox. */
export interface SubscriberHome {
  readonly inbox: InboxName;
  read(after: number, isWanted: () => boolean): Promise<InboxBatch | undefined>;
  /** It knows all that could be read. It is made live, to be told what comes, unless others are further ahead. */
  onCaughtUp(subscriber: FeedSubscriber): void;
  onEnd(subscriber: FeedSubscriber): void;
}

/** One reader, who takes changes at their own pace. */
export interface FeedSubscriber {
  readonly home: SubscriberHome;
  readonly matches: (row: Notification) => boolean;
  waiting: Waiting[];
  /** Of the messages in what waits. */
  characters: number;
  /** Up to where changes are waiting or taken. */
  reached: number;
  /** Up to where they are taken. */
  taken: number;
  /** It is told what comes. */
  isLive: boolean;
  isOver: boolean;
  /** There while the reader waits. */
  reader: ((result: Result | Promise<Result>) => void) | undefined;
}

interface Waiting {
  readonly change: InboxChange;
  readonly version: number;
}

type Result = IteratorResult<InboxChange, undefined>;

/** Changes, and characters of their messages, that may wait for a reader who has caught up. */
const waitingMost = { changes: 1_000, characters: 4_000_000 } as const;

/**
 * No inbox gets as far: what is read from here tells the version of the inbox, and that it cannot be read on from.
 */
export const beyond: number = Number.MAX_SAFE_INTEGER;

const over: Result = { done: true, value: undefined };

/** @param position the version up to which the reader knows the inbox. */
export function createFeedSubscriber(
  home: SubscriberHome,
  position: number,
  matches: (row: Notification) => boolean,
): FeedSubscriber {
  return {
    home,
    matches,
    waiting: [],
    characters: 0,
    reached: position,
    taken: position,
    isLive: false,
    isOver: false,
    reader: undefined,
  };
}

/** What the subscriber is told, for whoever reads it. */
export function streamOf(subscriber: FeedSubscriber): AsyncIterableIterator<InboxChange> {
  return {
    next: () => next(subscriber),
    async return() {
      endSubscriber(subscriber);
      return over;
    },
    [Symbol.asyncIterator]: itself,
  };
}

/** One for all: made in place, each would have a name and a shape of its own. */
function itself<Stream>(this: Stream): Stream {
  return this;
}

/** Takes the changes up to `version` in; when too many wait already, it will read for itself what it missed. */
export function tellSubscriber(subscriber: FeedSubscriber, changes: readonly StepChange[], version: number): void {
  putAll(subscriber, changes, version);
  settle(subscriber);
}

/** Takes a reset in, as changes. */
export function resetSubscriber(subscriber: FeedSubscriber, change: InboxChange, version: number): void {
  subscriber.reached = version;
  put(subscriber, change, version);
  settle(subscriber);
}

/** The inbox is another than the one that was told of, as after a restore: the reader is reset. */
export function restartSubscriber(subscriber: FeedSubscriber): void {
  const wasLive = subscriber.isLive;
  subscriber.waiting = [];
  subscriber.characters = 0;
  subscriber.reached = beyond;
  subscriber.taken = beyond;
  subscriber.isLive = false;
  if (wasLive && subscriber.reader) readOn(subscriber);
}

export function endSubscriber(subscriber: FeedSubscriber): void {
  if (subscriber.isOver) return;
  subscriber.isOver = true;
  subscriber.isLive = false;
  subscriber.waiting = [];
  subscriber.home.onEnd(subscriber);
  answer(subscriber, over);
}

function next(subscriber: FeedSubscriber): Promise<Result> {
  const first = take(subscriber) ?? (subscriber.isOver ? over : undefined);
  if (first) return Promise.resolve(first);
  const result = new Promise<Result>((resolve) => {
    subscriber.reader = resolve;
  });
  if (!subscriber.isLive) readOn(subscriber);
  return result;
}

function readOn(subscriber: FeedSubscriber): void {
  catchUp(subscriber).catch((error: unknown) => answer(subscriber, Promise.reject(error)));
}

/** Reads until there is something to hand over or everything is told. */
async function catchUp(subscriber: FeedSubscriber): Promise<void> {
  const { home } = subscriber;
  while (subscriber.reader && !subscriber.isLive) {
    const { inbox } = home;
    const batch = await home.read(subscriber.reached, () => !subscriber.isOver);
    if (subscriber.isOver) return;
    if (batch === undefined) return answer(subscriber, over);
    // Read from the inbox as it was before.
    if (home.inbox !== inbox) continue;
    if (batch.isReset) {
      subscriber.reached = batch.version;
      put(subscriber, resetOf(home.inbox, batch), batch.version);
    } else {
      putAll(subscriber, changesOf(home.inbox, batch), batch.version);
    }
    if (!batch.isPartial) home.onCaughtUp(subscriber);
    handOver(subscriber);
  }
}

function take(subscriber: FeedSubscriber): Result | undefined {
  const first = subscriber.waiting.shift();
  if (first === undefined) return undefined;
  subscriber.characters -= weightOf(first.change);
  if (subscriber.waiting.length > 0) {
    subscriber.taken = first.version;
  } else {
    subscriber.taken = subscriber.reached;
    // An array keeps the room it once needed.
    subscriber.waiting = [];
  }
  return { done: false, value: first.change };
}

function put(subscriber: FeedSubscriber, change: InboxChange, version: number): void {
  subscriber.waiting.push({ change, version });
  subscriber.characters += weightOf(change);
}

function putAll(subscriber: FeedSubscriber, changes: readonly StepChange[], version: number): void {
  const { matches, reached: after } = subscriber;
  for (const step of changes) {
    if (step.version <= after) continue;
    const change = toldTo({ matches, after }, step);
    if (change) put(subscriber, change, step.version);
  }
  subscriber.reached = Math.max(after, version);
  if (subscriber.waiting.length === 0) subscriber.taken = subscriber.reached;
}

/** Gives what has come to a reader who waits for it. */
function handOver(subscriber: FeedSubscriber): void {
  const first = subscriber.reader && take(subscriber);
  if (first) answer(subscriber, first);
}

function answer(subscriber: FeedSubscriber, result: Result | Promise<Result>): void {
  subscriber.reader?.(result);
  subscriber.reader = undefined;
}

/** Hands over what has come, and lets it go when more waits than may. */
function settle(subscriber: FeedSubscriber): void {
  handOver(subscriber);
  const { waiting, characters, taken } = subscriber;
  if (waiting.length <= waitingMost.changes && characters <= waitingMost.characters) return;
  subscriber.waiting = [];
  subscriber.characters = 0;
  subscriber.reached = taken;
  subscriber.isLive = false;
}

/** The one long thing in a change is the message. */
function weightOf({ notification }: InboxChange): number {
  return notification?.message?.length ?? 0;
}
