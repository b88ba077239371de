import type { InboxBatch } from '../notifications/inbox-changes.ts';
import type { Notification } from '../notifications/model.ts';
import { changesOf, type InboxChange, type InboxName, resetOf, type StepChange, toldTo } from './inbox-change.ts';

/** One stream of changes, taken by its reader at the reader's pace. */
export interface FeedSubscriber extends AsyncIterableIterator<InboxChange> {
  /** Takes the changes up to `version` in; false: too many wait already, it will read for itself what it missed. */
  tell(changes: readonly StepChange[], version: number): boolean;
  reset(change: InboxChange, version: number): boolean;
  next(): Promise<IteratorResult<InboxChange, undefined>>;
  return(): Promise<IteratorResult<InboxChange, undefined>>;
}

export interface SubscriberOptions {
  readonly inbox: InboxName;
  /** The version up to which the reader knows the inbox. */
  readonly position: number;
  readonly matches: (row: Notification) => boolean;
  readonly read: (after: number, isWanted: () => boolean) => Promise<InboxBatch | undefined>;
  /** Everything up to this version is told: from now on it is told what comes. False: others are further ahead. */
  readonly onCaughtUp: (position: number) => boolean;
  readonly onEnd: () => void;
}

/** Changes, and characters of their messages, that may wait for a reader who has caught up. */
const waitingMost = { changes: 1_000, characters: 4_000_000 } as const;

interface Waiting {
  readonly change: InboxChange;
  readonly version: number;
}

type Result = IteratorResult<InboxChange, undefined>;

/**
 * A reader who is behind reads from the table, batch by batch, when the batch before is taken; one who has caught up is
 * told. Whatever waits is bounded: beyond it what waits is let go, and read again later, as it is then.
 */
export function createFeedSubscriber(options: SubscriberOptions): FeedSubscriber {
  const { inbox, matches, read, onCaughtUp, onEnd } = options;
  let waiting: Waiting[] = [];
  let characters = 0;
  /** Up to where changes are waiting or taken, and up to where they are taken. */
  let reached = options.position;
  let taken = options.position;
  let isLive = false;
  let isOver = false;
  let reader: ((result: Result | Promise<Result>) => void) | undefined;

  function take(): Result | undefined {
    const first = waiting.shift();
    if (first === undefined) return undefined;
    characters -= weightOf(first.change);
    taken = waiting.length === 0 ? reached : first.version;
    return { done: false, value: first.change };
  }

  function put(change: InboxChange, version: number): void {
    waiting.push({ change, version });
    characters += weightOf(change);
  }

  function putAll(changes: readonly StepChange[], version: number): void {
    const after = reached;
    for (const step of changes) {
      if (step.version <= after) continue;
      const change = toldTo({ matches, after }, step);
      if (change) put(change, step.version);
    }
    reached = Math.max(reached, version);
    if (waiting.length === 0) taken = reached;
  }

  /** Gives what has come to a reader who waits for it. */
  function handOver(): void {
    const first = reader && take();
    if (first) answer(first);
  }

  function answer(result: Result | Promise<Result>): void {
    reader?.(result);
    reader = undefined;
  }

  /** Hands over what has come; says whether no more waits than may. */
  function settle(): boolean {
    handOver();
    if (waiting.length <= waitingMost.changes && characters <= waitingMost.characters) return true;
    waiting = [];
    characters = 0;
    reached = taken;
    isLive = false;
    return false;
  }

  /** Reads until there is something to hand over or everything is told. */
  async function catchUp(): Promise<void> {
    while (reader && !isLive) {
      const batch = await read(reached, () => !isOver);
      if (isOver) return;
      if (batch === undefined) return answer(over);
      if (batch.isReset) {
        reached = batch.version;
        put(resetOf(inbox, batch), batch.version);
      } else {
        putAll(changesOf(inbox, batch), batch.version);
      }
      isLive = !batch.isPartial && onCaughtUp(reached);
      handOver();
    }
  }

  const subscriber: FeedSubscriber = {
    tell(changes, version) {
      putAll(changes, version);
      return settle();
    },
    reset(change, version) {
      reached = version;
      put(change, version);
      return settle();
    },
    next() {
      const first = take() ?? (isOver ? over : undefined);
      if (first) return Promise.resolve(first);
      const result = new Promise<Result>((resolve) => {
        reader = resolve;
      });
      if (!isLive) catchUp().catch((error: unknown) => answer(Promise.reject(error)));
      return result;
    },
    async return() {
      if (isOver) return over;
      isOver = true;
      waiting = [];
      onEnd();
      answer(over);
      return over;
    },
    [Symbol.asyncIterator]: () => subscriber,
  };
  return subscriber;
}

const over: Result = { done: true, value: undefined };

/** The one long thing in a change is the message. */
function weightOf({ notification }: InboxChange): number {
  return notification?.message?.length ?? 0;
}
