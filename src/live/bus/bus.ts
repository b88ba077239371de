import type { Publisher, VersionRange } from '../../notifications/ranges.ts';

/** Who hears of writes. */
export interface BusListener {
  /** The ranges of one write, after its commit. */
  written(ranges: readonly VersionRange[]): void;
  /** Writes may have been missed, of one inbox or of all: whoever needs them all has to look, or to say so. */
  interrupted(recipient?: string): void;
}

/** Carries the ranges of committed writes to every process that serves their recipients. */
export interface Bus extends Publisher {
  /**
   * Hears of every write from now on; the answer ends it.
   * @throws ServiceError SERVICE_UNAVAILABLE while the writes of other processes cannot be heard.
   */
  subscribe(listener: BusListener): Promise<() => void>;
  /**
   * Hears of the writes to one inbox from now on; the answer ends it. Other inboxes of the same write are left out. It is
   * a hint: a listener must look from time to time, and at once when it is told of an interruption.
   */
  follow(recipient: string, listener: BusListener): () => void;
  close(): Promise<void>;
}

/** The listeners of one process. */
export interface Hub extends Pick<Bus, 'follow'> {
  subscribe(listener: BusListener): () => void;
  /** Tells both kinds of listeners of one write. */
  tell(ranges: readonly VersionRange[]): void;
  /** Tells those who hear of every write. */
  tellSubscribers(ranges: readonly VersionRange[]): void;
  /** Tells those who follow one of the inboxes. */
  tellFollowers(ranges: readonly VersionRange[]): void;
  /** Tells everybody that writes may have been missed, or only those who follow one inbox. */
  interrupted(recipient?: string): void;
}

/** Told when the first begins to hear and when the last one ends. */
export interface HubOptions {
  readonly onFollow?: (recipient: string, isFollowed: boolean) => void;
  readonly onSubscribe?: (isHeard: boolean) => void;
}

/** Hands what a process hears to its listeners, in the order of subscription. */
export function createHub({ onFollow, onSubscribe }: HubOptions = {}): Hub {
  const subscribers = new Set<BusListener>();
  // Most have one: a list takes less room than a set.
  const followers = new Map<string, readonly BusListener[]>();

  const hub: Hub = {
    tell(ranges) {
      hub.tellSubscribers(ranges);
      hub.tellFollowers(ranges);
    },
    tellSubscribers(ranges) {
      for (const listener of [...subscribers]) listener.written(ranges);
    },
    tellFollowers(ranges) {
      for (const range of ranges) {
        for (const listener of followers.get(range.recipient) ?? []) listener.written([range]);
      }
    },
    interrupted(recipient) {
      for (const name of recipient === undefined ? [...followers.keys()] : [recipient]) {
        for (const listener of followers.get(name) ?? []) listener.interrupted(name);
      }
      if (recipient === undefined) for (const listener of [...subscribers]) listener.interrupted();
    },
    subscribe(listener) {
      subscribers.add(listener);
      if (subscribers.size === 1) onSubscribe?.(true);
      return () => {
        if (subscribers.delete(listener) && subscribers.size === 0) onSubscribe?.(false);
      };
    },
    follow(recipient, listener) {
      const some = [...(followers.get(recipient) ?? []), listener];
      followers.set(recipient, some);
      if (some.length === 1) onFollow?.(recipient, true);
      return () => {
        const known = followers.get(recipient) ?? [];
        const rest = known.filter((one) => one !== listener);
        if (rest.length === known.length) return;
        if (rest.length > 0) return void followers.set(recipient, rest);
        followers.delete(recipient);
        onFollow?.(recipient, false);
      };
    },
  };
  return hub;
}

/** A bus within this process. */
export function memoryBus(): Bus {
  const hub = createHub();
  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      // Not before the writer has gone on: what listeners do is none of its business.
      queueMicrotask(() => hub.tell(ranges));
    },
    subscribe: async (listener) => hub.subscribe(listener),
    follow: hub.follow,
    close: async () => undefined,
  };
}
