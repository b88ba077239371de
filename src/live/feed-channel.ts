import type { InboxBatch } from '../notifications/inbox-changes.ts';
import type { Notification } from '../notifications/model.ts';
import {
  createFeedSubscriber,
  endSubscriber,
  type FeedSubscriber,
  resetSubscriber,
  type SubscriberHome,
  streamOf,
  tellSubscriber,
} from './feed-subscriber.ts';
import { changesOf, type InboxChange, type InboxName, resetOf } from './inbox-change.ts';

/** One recipient's changes on this node, read once for all who have been told everything up to now. */
export interface FeedChannel {
  readonly inbox: InboxName;
  /** @param position the version up to which the reader knows the inbox. */
  open(position: number, matches: (row: Notification) => boolean): AsyncIterableIterator<InboxChange>;
  /** The inbox has this version, at least. */
  heard(version: number): void;
  /** The inbox had this version when it was looked at. */
  found(version: number): void;
  end(): void;
}

export interface ChannelOptions {
  readonly inbox: InboxName;
  /** Reads what lies above a version, however long that takes; nothing when `isWanted` says so meanwhile. */
  readonly read: (inbox: InboxName, after: number, isWanted: () => boolean) => Promise<InboxBatch | undefined>;
  /** The last subscriber is gone. */
  readonly onEmpty: () => void;
}

export function createFeedChannel({ inbox, read, onEmpty }: ChannelOptions): FeedChannel {
  const members = new Set<FeedSubscriber>();
  /** Those who were told everything up to `head`, or more. */
  const live = new Set<FeedSubscriber>();
  let head = 0;
  let latest = 0;
  let isReading = false;

  async function follow(): Promise<void> {
    if (isReading) return;
    isReading = true;
    while (live.size > 0 && latest > head) {
      const after = head;
      const known = latest;
      const batch = await read(inbox, after, () => live.size > 0);
      // Whoever came meanwhile, with nobody left, has read on from elsewhere.
      if (batch === undefined || head !== after) continue;
      tell(batch);
      // The inbox as it is knows better than whoever told of it before: it may have been put back to an older state.
      if (!batch.isPartial && latest === known) latest = batch.version;
    }
    isReading = false;
  }

  function tell(batch: InboxBatch): void {
    const changes = changesOf(inbox, batch);
    for (const subscriber of [...live]) {
      const isInTime = batch.isReset
        ? resetSubscriber(subscriber, resetOf(inbox, batch), batch.version)
        : tellSubscriber(subscriber, changes, batch.version);
      if (!isInTime) live.delete(subscriber);
    }
    head = batch.version;
  }

  const home: SubscriberHome = {
    inbox,
    read: (after, isWanted) => read(inbox, after, isWanted),
    onCaughtUp(subscriber, position) {
      if (live.size === 0) head = position;
      if (position < head) return false;
      live.add(subscriber);
      latest = Math.max(latest, position);
      void follow();
      return true;
    },
    onEnd(subscriber) {
      live.delete(subscriber);
      if (members.delete(subscriber) && members.size === 0) onEmpty();
    },
  };

  return {
    inbox,
    open(position, matches) {
      const subscriber = createFeedSubscriber(home, position, matches);
      members.add(subscriber);
      return streamOf(subscriber);
    },
    heard(version) {
      if (version <= latest) return;
      latest = version;
      void follow();
    },
    found(version) {
      // Below what was told: another database, or an older state of this one. Reading on will show.
      if (version !== head) latest = Math.max(latest, version, head + 1);
      void follow();
    },
    end() {
      for (const subscriber of [...members]) endSubscriber(subscriber);
    },
  };
}
