import { type Redis, ReplyError } from 'ioredis';
import type { Logger } from 'pino';

/** Maximum number of channels in one SUBSCRIBE or UNSUBSCRIBE command. */
const channelsAtOnce = 1_000;

/** Keeps the subscriptions of one Redis connection equal to a set of wanted channels. */
export interface RedisSubscriptions {
  /** Adds or removes a wanted channel. Changes made in the same turn share one round of commands. */
  setWanted(channel: string, isWanted: boolean): void;
  /** Gives every wanted channel a new name. */
  rename(newName: (channel: string) => string): void;
  /** Resolves when Redis has answered the commands for all changes made so far, or the connection is lost. */
  applied(): Promise<void>;
  isSubscribed(channel: string): boolean;
  /** Retries the channels that Redis refused: the permission may have been granted since. */
  retryRefused(): void;
  /** Call it when the connection is ready: subscribes to every wanted channel. */
  connected(): void;
  /** Call it when the connection is lost. */
  disconnected(): void;
}

export interface RedisSubscriptionsOptions {
  readonly redis: Redis;
  readonly log: Pick<Logger, 'warn'>;
  readonly onSubscribed: (channel: string) => void;
  readonly onUnsubscribed: (channel: string) => void;
  /** Called when Redis refuses a channel, usually because of its access rules. */
  readonly onRefused: (channel: string) => void;
}

export function createRedisSubscriptions(options: RedisSubscriptionsOptions): RedisSubscriptions {
  const { redis, log, onSubscribed, onUnsubscribed, onRefused } = options;
  let isConnected = false;
  const wanted = new Set<string>();
  /** Channels for which SUBSCRIBE was sent. */
  const subscribed = new Set<string>();
  /** Channels that were added or removed since the last round. */
  let changed = new Set<string>();
  const refused = new Set<string>();
  let isRefusalLogged = false;
  let nextRound: Promise<void> | undefined;
  /** Redis answers the commands of a connection in order, so the last SUBSCRIBE resolves after all earlier ones. */
  let lastSubscribe: Promise<unknown> | undefined;

  /** Subscribes and unsubscribes until Redis matches `wanted`. */
  function update(): Promise<void> {
    nextRound ??= Promise.resolve()
      .then(async () => {
        nextRound = undefined;
        if (!isConnected) return;
        const channels = [...changed];
        changed = new Set();
        const added = channels.filter((channel) => wanted.has(channel) && !subscribed.has(channel));
        const dropped = channels.filter((channel) => subscribed.has(channel) && !wanted.has(channel));
        for (const channel of added) subscribed.add(channel);
        for (const channel of dropped) {
          subscribed.delete(channel);
          onUnsubscribed(channel);
        }
        const subscribing = Promise.all(chunks(added).map(subscribeTo));
        if (added.length > 0) lastSubscribe = subscribing;
        await Promise.all([subscribing, ...chunks(dropped).map((some) => redis.unsubscribe(...some))]);
      })
      // The connection was lost; all channels are subscribed again on the next one.
      .catch(() => undefined);
    return nextRound;
  }

  async function subscribeTo(channels: readonly string[]): Promise<void> {
    try {
      await redis.subscribe(...channels);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      // The connection is up, but these channels will receive nothing.
      if (!isRefusalLogged) log.warn({ err: error }, 'Redis refused a subscription of the event bus');
      isRefusalLogged = true;
      for (const channel of channels) {
        subscribed.delete(channel);
        refused.add(channel);
        onRefused(channel);
      }
      return;
    }
    isRefusalLogged = false;
    for (const channel of channels) onSubscribed(channel);
  }

  return {
    setWanted(channel, isWanted) {
      if (isWanted) wanted.add(channel);
      else wanted.delete(channel);
      changed.add(channel);
      void update();
    },
    rename(newName) {
      for (const channel of [...wanted]) {
        wanted.delete(channel);
        wanted.add(newName(channel));
        changed.add(channel).add(newName(channel));
      }
      void update();
    },
    async applied() {
      await update();
      await lastSubscribe?.catch(() => undefined);
    },
    isSubscribed: (channel) => isConnected && subscribed.has(channel),
    retryRefused() {
      for (const channel of refused) changed.add(channel);
      refused.clear();
      if (changed.size > 0) void update();
    },
    connected() {
      isConnected = true;
      changed = new Set(wanted);
      void update();
    },
    disconnected() {
      isConnected = false;
      subscribed.clear();
      refused.clear();
    },
  };
}

function chunks(channels: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(channels.length / channelsAtOnce) }, (_, index) =>
    channels.slice(index * channelsAtOnce, (index + 1) * channelsAtOnce),
  );
}
