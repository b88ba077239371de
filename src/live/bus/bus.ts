import type { Publisher, VersionRange } from '../../notifications/ranges.ts';

/** Receives the writes that a bus carries. */
export interface BusListener {
  /** Called with the ranges of one write after it was committed. */
  written(ranges: readonly VersionRange[]): void;
  /**
   * Called when writes may have been lost, for one inbox or for all. A listener that needs every write must read the
   * database or report the gap.
   */
  interrupted(recipient?: string): void;
}

/** Carries the ranges of committed writes to every process that serves their recipients. */
export interface Bus extends Publisher {
  /**
   * Subscribes to every write from now on. Returns a function that unsubscribes.
   * @throws ServiceError SERVICE_UNAVAILABLE while writes of other processes cannot be received.
   */
  subscribe(listener: BusListener): Promise<() => void>;
  /**
   * Subscribes to the writes to one inbox from now on, without the other inboxes of those writes. Returns a function
   * that unsubscribes. Messages are hints and may be lost: a listener must also poll, and must read at once after
   * `interrupted`.
   */
  follow(recipient: string, listener: BusListener): () => void;
  close(): Promise<void>;
}

/** The bus listeners of one process. */
export interface BusListeners extends Pick<Bus, 'follow'> {
  subscribe(listener: BusListener): () => void;
  /** Notifies all listeners of one write. */
  notify(ranges: readonly VersionRange[]): void;
  /** Notifies only the listeners that `subscribe` added. */
  notifySubscribers(ranges: readonly VersionRange[]): void;
  /** Notifies only the listeners that follow the inboxes of these ranges. */
  notifyFollowers(ranges: readonly VersionRange[]): void;
  /** Reports a possible loss of writes to every listener, or only to the followers of one inbox. */
  interrupted(recipient?: string): void;
}

/** Called when the first listener, of an inbox or of every write, is added, and when the last one is removed. */
export interface BusListenersOptions {
  readonly onFollow?: (recipient: string, isFollowed: boolean) => void;
  readonly onSubscribe?: (isSubscribed: boolean) => void;
}

/** Calls the listeners of this process in the order in which they were added. */
export function createBusListeners({ onFollow, onSubscribe }: BusListenersOptions = {}): BusListeners {
  const subscribers = new Set<BusListener>();
  // Most inboxes have one listener; an array takes less memory than a set.
  const followers = new Map<string, readonly BusListener[]>();

  const listeners: BusListeners = {
    notify(ranges) {
      listeners.notifySubscribers(ranges);
      listeners.notifyFollowers(ranges);
    },
    notifySubscribers(ranges) {
      for (const listener of [...subscribers]) listener.written(ranges);
    },
    notifyFollowers(ranges) {
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
      const all = [...(followers.get(recipient) ?? []), listener];
      followers.set(recipient, all);
      if (all.length === 1) onFollow?.(recipient, true);
      return () => {
        const before = followers.get(recipient) ?? [];
        const remaining = before.filter((one) => one !== listener);
        if (remaining.length === before.length) return;
        if (remaining.length > 0) return void followers.set(recipient, remaining);
        followers.delete(recipient);
        onFollow?.(recipient, false);
      };
    },
  };
  return listeners;
}

/** A bus within one process. */
export function createMemoryBus(): Bus {
  const listeners = createBusListeners();
  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      // Deferred, so that listeners do not run inside the call of the writer.
      queueMicrotask(() => listeners.notify(ranges));
    },
    subscribe: async (listener) => listeners.subscribe(listener),
    follow: listeners.follow,
    close: async () => undefined,
  };
}
