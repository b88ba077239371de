import type { InboxBatch } from '../../notifications/change-batches.ts';
import { batchChangesOf, type FeedChange, type InboxName, resetOf } from './feed-change.ts';
import {
  createFollower,
  endFollower,
  type Follower,
  forceReset,
  pushChanges,
  pushReset,
  type SharedInbox,
  streamOf,
  type Wanted,
} from './follower.ts';

/* There is one record for each followed inbox; to save memory it has no methods of its own: the functions are shared. */

/** The changes of one inbox on this node, read once for all followers that have caught up. */
export interface FollowedInbox extends SharedInbox {
  inbox: InboxName;
  readonly source: InboxSource;
  /** Live followers have received everything up to `head`, or more. */
  readonly followers: Set<Follower>;
  head: number;
  /** The highest version announced to exist. */
  latest: number;
  isReading: boolean;
  /** Whether a follower has asked for the figures; stays true while the inbox is followed. */
  withFigures: boolean;
}

/** The part of a feed that its followed inboxes use. */
export interface InboxSource {
  /** Reads the changes after a version and retries failures. Returns undefined once `isWanted` returns false. */
  read(
    followed: Pick<FollowedInbox, 'inbox' | 'withFigures'>,
    after: number,
    isWanted: () => boolean,
  ): Promise<InboxBatch | undefined>;
  /** Called when the last follower has left. */
  onEmpty(followed: FollowedInbox): void;
}

export function createFollowedInbox(inbox: InboxName, source: InboxSource): FollowedInbox {
  return {
    inbox,
    source,
    followers: new Set(),
    head: 0,
    latest: 0,
    isReading: false,
    withFigures: false,
    read: readFor,
    onCaughtUp,
    onEnd,
  };
}

/** @param position the version up to which the follower has received changes. */
export function addFollower(
  followed: FollowedInbox,
  position: number,
  wanted: Wanted,
): AsyncIterableIterator<FeedChange> {
  const follower = createFollower(followed, position, wanted);
  followed.withFigures ||= wanted.wantsFigures;
  followed.followers.add(follower);
  return streamOf(follower);
}

/** Handles a version announced by the bus. */
export function onVersionAnnounced(followed: FollowedInbox, version: number): void {
  if (version <= followed.latest) return;
  followed.latest = version;
  void follow(followed);
}

/** Handles a version read from the database. */
export function onVersionRead(followed: FollowedInbox, version: number): void {
  // A lower version than `head` means that the store was restored or replaced; the following read then yields a reset.
  if (version !== followed.head) followed.latest = Math.max(followed.latest, version, followed.head + 1);
  void follow(followed);
}

/** Resets every follower: the inbox now belongs to another store, for example after a restore. */
export function resetFollowers(followed: FollowedInbox, inbox: InboxName): void {
  followed.inbox = inbox;
  followed.head = 0;
  followed.latest = 0;
  for (const follower of [...followed.followers]) forceReset(follower);
}

export function endFollowers({ followers }: FollowedInbox): void {
  for (const follower of [...followers]) endFollower(follower);
}

async function follow(followed: FollowedInbox): Promise<void> {
  if (followed.isReading) return;
  followed.isReading = true;
  while (isFollowed(followed) && followed.latest > followed.head) {
    const { inbox, head: after, latest: announced } = followed;
    const batch = await followed.source.read(followed, after, () => isFollowed(followed));
    // The batch is outdated: since the read began, a new follower started at another version or wants the figures, or
    // the inbox was replaced.
    if (batch === undefined || followed.head !== after || followed.inbox !== inbox) continue;
    if (followed.withFigures && batch.figures === undefined) continue;
    push(followed, batch);
    // The version that was read is more reliable than an announced one: the database may have been restored.
    if (!batch.isPartial && followed.latest === announced) followed.latest = batch.version;
  }
  followed.isReading = false;
}

function isFollowed({ followers }: FollowedInbox): boolean {
  for (const { isLive } of followers) if (isLive) return true;
  return false;
}

function push(followed: FollowedInbox, batch: InboxBatch): void {
  const { inbox, followers } = followed;
  const changes = batchChangesOf(inbox, batch);
  for (const follower of [...followers]) {
    if (!follower.isLive) continue;
    if (batch.isReset) pushReset(follower, resetOf(inbox, batch), batch.version);
    else pushChanges(follower, changes);
  }
  followed.head = batch.version;
}

function readFor(this: FollowedInbox, after: number, isWanted: () => boolean): Promise<InboxBatch | undefined> {
  return this.source.read(this, after, isWanted);
}

function onCaughtUp(this: FollowedInbox, follower: Follower): void {
  if (!isFollowed(this)) this.head = follower.bufferedUpTo;
  // Other followers are further ahead, so this one reads on.
  if (follower.bufferedUpTo < this.head) return;
  follower.isLive = true;
  this.latest = Math.max(this.latest, follower.bufferedUpTo);
  void follow(this);
}

function onEnd(this: FollowedInbox, follower: Follower): void {
  if (this.followers.delete(follower) && this.followers.size === 0) this.source.onEmpty(this);
}
