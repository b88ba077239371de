import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { DatabaseIdentity } from '../../database/identity.ts';
import { serviceUnavailable } from '../../errors.ts';
import { type Bus, createBusListeners } from './bus.ts';
import { createRedisSubscriptions } from './redis-subscriptions.ts';
import { createSendBuffer } from './send-buffer.ts';
import { createWriteMessages, heartbeatMs } from './write-messages.ts';

/** Redis has no practical limit; this bound keeps the handling of one message short. */
const messageBytes = 64_000;
/** Maximum number of messages buffered while Redis is unreachable. */
const bufferedMessages = 100_000;
const connectMs = 10_000;
const reconnectMs = { first: 100, most: 5_000 } as const;

export interface RedisBusOptions {
  /** For example `redis://user:password@host:6379/0` or `rediss://…`. */
  readonly url: string;
  /** Part of the channel names, so that several stores can share one Redis server. */
  readonly identity: DatabaseIdentity;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Milliseconds between heartbeats; a connection without traffic for twice as long is considered dead. */
  readonly beatMs?: number;
}

interface Published {
  readonly channel: string;
  readonly message: string;
}

/**
 * A bus between processes that share one Redis server. Each inbox has a channel, so a process receives only the writes
 * to the inboxes it serves; one more channel carries every write for the subscribers that need them all. Writes of this
 * process reach its own listeners directly.
 * @throws Error when the first connection fails.
 */
export async function openRedisBus({ url, identity, log, beatMs = heartbeatMs }: RedisBusOptions): Promise<Bus> {
  const origin = randomUUID();
  let { writes: writesChannel, inboxes: inboxPrefix } = channelsOf(identity.current());
  const options = {
    lazyConnect: true,
    connectTimeout: connectMs,
    // A connection that was cut without a close never responds.
    socketTimeout: 2 * beatMs,
    // Unsent messages stay in our own buffer, which keeps their order.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    retryStrategy: (attempt: number) =>
      Math.min(reconnectMs.first * 2 ** attempt, reconnectMs.most) * (0.5 + Math.random() / 2),
  } as const;
  const publisher = new Redis(url, options);
  const subscriber = new Redis(url, options);
  let isClosing = false;
  let isConnected = false;
  const subscriptions = createRedisSubscriptions({
    redis: subscriber,
    log,
    onSubscribed(channel) {
      // Writes made before the subscription was active are found by reading the database.
      if (channel !== writesChannel) listeners.interrupted(channel.slice(inboxPrefix.length));
    },
    onUnsubscribed(channel) {
      if (channel === writesChannel) writeMessages.forgetPeers();
    },
    onRefused(channel) {
      // Subscribers must not assume that they receive every write.
      if (channel === writesChannel) listeners.interrupted();
    },
  });
  const listeners = createBusListeners({
    onFollow: (recipient, isFollowed) => subscriptions.setWanted(inboxPrefix + recipient, isFollowed),
    onSubscribe: (isSubscribed) => subscriptions.setWanted(writesChannel, isSubscribed),
  });
  const writeMessages = createWriteMessages({
    origin,
    messageBytes,
    now: () => performance.now(),
    onWrite: listeners.notifySubscribers,
    onGap: () => listeners.interrupted(),
  });
  const sendBuffer = createSendBuffer<Published>({
    bound: bufferedMessages,
    async send(items) {
      const pipeline = publisher.pipeline();
      for (const { channel, message } of items) pipeline.publish(channel, message);
      const failed = (await pipeline.exec())?.find(([error]) => error !== null);
      if (failed) throw failed[0];
    },
  });
  const forEveryNode = (message: string): Published => ({ channel: writesChannel, message });

  function onConnectionLost(): void {
    if (!isConnected) return;
    isConnected = false;
    subscriptions.disconnected();
    writeMessages.forgetPeers();
    if (isClosing) return;
    log.warn('event bus connection lost');
    listeners.interrupted();
  }

  /** After a change of the store's identity, its writes are carried by other channels. */
  const stopWatchingIdentity = identity.onChange(() => {
    const old = { writes: writesChannel, inboxes: inboxPrefix };
    ({ writes: writesChannel, inboxes: inboxPrefix } = channelsOf(identity.current()));
    const renamed = (channel: string) =>
      channel === old.writes ? writesChannel : inboxPrefix + channel.slice(old.inboxes.length);
    subscriptions.rename(renamed);
  });

  for (const redis of [publisher, subscriber]) redis.on('error', () => undefined);
  subscriber.on('close', onConnectionLost);
  subscriber.on('message', (channel: string, message: string) => {
    if (channel === writesChannel) return writeMessages.receive(message);
    // A message for the previous identity of the store.
    if (!channel.startsWith(inboxPrefix)) return;
    const [sender, from, to] = message.split(' ');
    const recipient = channel.slice(inboxPrefix.length);
    if (sender !== origin) listeners.notifyFollowers([{ recipient, from: Number(from), to: Number(to) }]);
  });
  subscriber.on('ready', () => {
    isConnected = true;
    subscriptions.connected();
  });
  publisher.on('ready', () => {
    sendBuffer.push([forEveryNode(writeMessages.heartbeat())]);
    sendBuffer.resume();
  });
  try {
    await Promise.all([publisher.connect(), subscriber.connect()]);
  } catch (error) {
    stopWatchingIdentity();
    publisher.disconnect();
    subscriber.disconnect();
    throw error;
  }

  const heartbeat = setInterval(() => {
    if (subscriptions.isSubscribed(writesChannel)) writeMessages.checkPeers();
    subscriptions.retryRefused();
    sendBuffer.push([forEveryNode(writeMessages.heartbeat())]);
    // Without traffic, a subscribe-only connection would never notice that it is dead.
    if (isConnected) subscriber.ping().catch(() => undefined);
  }, beatMs).unref();

  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      queueMicrotask(() => listeners.notify(ranges));
      sendBuffer.push([
        ...writeMessages.encode(ranges).map(forEveryNode),
        ...ranges.map(({ recipient, from, to }) => ({
          channel: inboxPrefix + recipient,
          message: `${origin} ${from} ${to}`,
        })),
      ]);
    },
    async subscribe(listener) {
      const end = listeners.subscribe(listener);
      await subscriptions.applied();
      if (subscriptions.isSubscribed(writesChannel)) return end;
      end();
      throw serviceUnavailable('subscriptions', 'writes of other nodes cannot be received');
    },
    follow: listeners.follow,
    async close() {
      isClosing = true;
      stopWatchingIdentity();
      clearInterval(heartbeat);
      sendBuffer.push([forEveryNode(writeMessages.goodbye())]);
      await sendBuffer.flushed();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** The channel names of one store. */
function channelsOf(database: string): { readonly writes: string; readonly inboxes: string } {
  return { writes: `tidings:${database}:writes`, inboxes: `tidings:${database}:inbox:` };
}
