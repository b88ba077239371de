import type { InboxBatch } from '../../notifications/inbox-changes.ts';
import type { Notification } from '../../notifications/model.ts';
import {
  createFeedSubscriber,
  endSubscriber,
  type FeedSubscriber,
  resetSubscriber,
  restartSubscriber,
  type SubscriberHome,
  streamOf,
  tellSubscriber,
} from './feed-subscriber.ts';
import { changesOf, type InboxChange, type InboxName, resetOf } from './inbox-change.ts';

/* There are as many as people who look, so each is a record; what it does is shared. */

/** One recipient's changes on this node, read once for all who have been told everything up to now. */
export interface FeedChannel extends SubscriberHome {
  inbox: InboxName;
  readonly source: ChannelSource;
  /** Those who are live were told everything up to `head`, or more. */
  readonly members: Set<FeedSubscriber>;
  head: number;
  /** The inbox has this version, at least. */
  latest: number;
  isReading: boolean;
}

/** Where all channels of a feed read, and whom they tell that they are not needed any more. */
export interface ChannelSource {
  /** Reads what lies above a version, however long that takes; nothing when `isWanted` says so meanwhile. */
  read(inbox: InboxName, after: number, isWanted: () => boolean): Promise<InboxBatch | undefined>;
  /** The last subscriber is gone. */
  onEmpty(channel: FeedChannel): void;
}

export function createFeedChannel(inbox: InboxName, source: ChannelSource): FeedChannel {
  return {
    inbox,
    source,
    members: new Set(),
    head: 0,
    latest: 0,
    isReading: false,
    read: readFor,
    onCaughtUp,
    onEnd,
  };
}

/** @param position the version up to which the reader knows the inbox. */
export function openChannel(
  channel: FeedChannel,
  position: number,
  matches: (row: Notification) => boolean,
): AsyncIterableIterator<InboxChange> {
  const subscriber = createFeedSubscriber(channel, position, matches);
  channel.members.add(subscriber);
  return streamOf(subscriber);
}

/** The inbox has this version, at least. */
export function heard(channel: FeedChannel, version: number): void {
  if (version <= channel.latest) return;
  channel.latest = version;
  void follow(channel);
}

/** The inbox had this version when it was looked at. */
export function found(channel: FeedChannel, version: number): void {
  // Below what was told: another database, or an older state of this one. Reading on will show.
  if (version !== channel.head) channel.latest = Math.max(channel.latest, version, channel.head + 1);
  void follow(channel);
}

/** The inbox is another one, as after a restore: whoever follows it is reset. */
export function restartChannel(channel: FeedChannel, inbox: InboxName): void {
  channel.inbox = inbox;
  channel.head = 0;
  channel.latest = 0;
  for (const subscriber of [...channel.members]) restartSubscriber(subscriber);
}

export function endChannel({ members }: FeedChannel): void {
  for (const subscriber of [...members]) endSubscriber(subscriber);
}

async function follow(channel: FeedChannel): Promise<void> {
  if (channel.isReading) return;
  channel.isReading = true;
  while (isFollowed(channel) && channel.latest > channel.head) {
    const { inbox, head: after, latest: known } = channel;
    const batch = await channel.source.read(inbox, after, () => isFollowed(channel));
    // Whoever came meanwhile, with nobody left, has read on from elsewhere; or the inbox is another one.
    if (batch === undefined || channel.head !== after || channel.inbox !== inbox) continue;
    tell(channel, batch);
    // The inbox as it is knows better than whoever told of it before: it may have been put back to an older state.
    if (!batch.isPartial && channel.latest === known) channel.latest = batch.version;
  }
  channel.isReading = false;
}

function isFollowed({ members }: FeedChannel): boolean {
  for (const { isLive } of members) if (isLive) return true;
  return false;
}

function tell(channel: FeedChannel, batch: InboxBatch): void {
  const { inbox, members } = channel;
  const changes = changesOf(inbox, batch);
  for (const subscriber of [...members]) {
    if (!subscriber.isLive) continue;
    if (batch.isReset) resetSubscriber(subscriber, resetOf(inbox, batch), batch.version);
    else tellSubscriber(subscriber, changes, batch.version);
  }
  channel.head = batch.version;
}

function readFor(this: FeedChannel, after: number, isWanted: () => boolean): Promise<InboxBatch | undefined> {
  return this.source.read(this.inbox, after, isWanted);
}

function onCaughtUp(this: FeedChannel, subscriber: FeedSubscriber): void {
  if (!isFollowed(this)) this.head = subscriber.reached;
  // The others are further ahead: it reads on.
  if (subscriber.reached < this.head) return;
  subscriber.isLive = true;
  this.latest = Math.max(this.latest, subscriber.reached);
  void follow(this);
}

function onEnd(this: FeedChannel, subscriber: FeedSubscriber): void {
  if (this.members.delete(subscriber) && this.members.size === 0) this.source.onEmpty(this);
}
