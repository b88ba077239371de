import { randomUUID } from 'node:crypto';
import { Redis, ReplyError } from 'ioredis';
import type { Logger } from 'pino';
import type { DatabaseIdentity } from '../../database/identity.ts';
import { serviceUnavailable } from '../../errors.ts';
import { type Bus, createHub } from './bus.ts';
import { createOutgoing } from './outgoing.ts';
import { createRelay, heartbeatMs } from './relay.ts';

/** Messages may be as long as one likes; this keeps each of them a short piece of work. */
const messageBytes = 64_000;
/** Messages kept while Redis does not answer. */
const waitingMessages = 100_000;
/** Channels of one SUBSCRIBE. */
const channelsAtOnce = 1_000;
const connectMs = 10_000;
const reconnectMs = { first: 100, most: 5_000 } as const;

export interface RedisBusOptions {
  /** Such as `redis://user:password@host:6379/0`, or `rediss://…`. */
  readonly url: string;
  /** Names the store, so that several may share one Redis. */
  readonly identity: DatabaseIdentity;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** How often it says where it stands, in milliseconds; a connection that is silent for twice as long is dead. */
  readonly beatMs?: number;
}

interface Published {
  readonly channel: string;
  readonly message: string;
}

/**
 * A bus between processes on one Redis. Each inbox has a channel, so a process hears of the inboxes it serves and of no
 * others; one more channel carries every write, for those who want them all. Within this process writes arrive at once.
 * @throws Error when there is no connection to begin with.
 */
export async function openRedisBus({ url, identity, log, beatMs = heartbeatMs }: RedisBusOptions): Promise<Bus> {
  const origin = randomUUID();
  let { writes: writesChannel, inboxes: inboxPrefix } = channelsOf(identity.current());
  const options = {
    lazyConnect: true,
    connectTimeout: connectMs,
    // A connection that is cut without a word never answers.
    socketTimeout: 2 * beatMs,
    // What cannot be sent now waits here, in its order.
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
  // The channels that have to be heard, those of them that are asked for already, and those to look at again.
  const wanted = new Set<string>();
  const asked = new Set<string>();
  let changed = new Set<string>();
  const refused = new Set<string>();
  let isRefused = false;
  let arranging: Promise<void> | undefined;
  let hearing: Promise<unknown> | undefined;

  const want = (channel: string, isWanted: boolean) => {
    if (isWanted) wanted.add(channel);
    else wanted.delete(channel);
    changed.add(channel);
    void arrange();
  };
  const hub = createHub({
    onFollow: (recipient, isFollowed) => want(inboxPrefix + recipient, isFollowed),
    onSubscribe: (isHeard) => want(writesChannel, isHeard),
  });
  const relay = createRelay({
    origin,
    messageBytes,
    now: () => performance.now(),
    onWrite: hub.tellSubscribers,
    onGap: () => hub.interrupted(),
  });
  const outgoing = createOutgoing<Published>({
    bound: waitingMessages,
    async send(items) {
      const pipeline = publisher.pipeline();
      for (const { channel, message } of items) pipeline.publish(channel, message);
      const failed = (await pipeline.exec())?.find(([error]) => error !== null);
      if (failed) throw failed[0];
    },
  });
  const toAll = (message: string): Published => ({ channel: writesChannel, message });

  /** Brings what is heard in line with what is wanted, everything that was asked for meanwhile together. */
  function arrange(): Promise<void> {
    arranging ??= Promise.resolve()
      .then(async () => {
        arranging = undefined;
        if (!isConnected) return;
        const channels = [...changed];
        changed = new Set();
        const added = channels.filter((channel) => wanted.has(channel) && !asked.has(channel));
        const dropped = channels.filter((channel) => asked.has(channel) && !wanted.has(channel));
        for (const channel of added) asked.add(channel);
        for (const channel of dropped) asked.delete(channel);
        if (dropped.includes(writesChannel)) relay.forget();
        const isHeard = Promise.all(chunks(added).map(hear));
        if (added.includes(writesChannel)) hearing = isHeard;
        await Promise.all([isHeard, ...chunks(dropped).map((some) => subscriber.unsubscribe(...some))]);
      })
      // The connection was lost: everything is asked for again on the next one.
      .catch(() => undefined);
    return arranging;
  }

  /** Asks to hear some channels, and lets those who follow their inboxes look. */
  async function hear(channels: readonly string[]): Promise<void> {
    try {
      await subscriber.subscribe(...channels);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      // The connection lives, and nothing will come on these.
      for (const channel of channels) asked.delete(channel);
      if (!isRefused) log.warn({ err: error }, 'Redis refuses to let the writes of other nodes be heard');
      isRefused = true;
      for (const channel of channels) refused.add(channel);
      // Nobody may go on believing that they hear every write.
      if (channels.includes(writesChannel)) hub.interrupted();
      return;
    }
    isRefused = false;
    // What was written before the channel was heard is found by looking.
    for (const channel of channels) {
      if (channel !== writesChannel) hub.interrupted(channel.slice(inboxPrefix.length));
    }
  }

  /** What was refused may be allowed by now. */
  function askAgain(): void {
    for (const channel of refused) changed.add(channel);
    refused.clear();
    if (changed.size > 0) void arrange();
  }

  function lose(): void {
    if (!isConnected) return;
    isConnected = false;
    asked.clear();
    refused.clear();
    relay.forget();
    if (isClosing) return;
    log.warn('the connection that carries writes between nodes was lost');
    hub.interrupted();
  }

  /** The store has another identity: its writes are carried by other channels. */
  const unlisten = identity.onChange(() => {
    const old = { writes: writesChannel, inboxes: inboxPrefix };
    ({ writes: writesChannel, inboxes: inboxPrefix } = channelsOf(identity.current()));
    const renamed = (channel: string) =>
      channel === old.writes ? writesChannel : inboxPrefix + channel.slice(old.inboxes.length);
    for (const channel of [...wanted]) {
      wanted.delete(channel);
      wanted.add(renamed(channel));
      changed.add(channel).add(renamed(channel));
    }
    void arrange();
  });

  for (const redis of [publisher, subscriber]) redis.on('error', () => undefined);
  subscriber.on('close', lose);
  subscriber.on('message', (channel: string, message: string) => {
    if (channel === writesChannel) return relay.receive(message);
    // Of a store that was left a moment ago.
    if (!channel.startsWith(inboxPrefix)) return;
    const [sender, from, to] = message.split(' ');
    const recipient = channel.slice(inboxPrefix.length);
    if (sender !== origin) hub.tellFollowers([{ recipient, from: Number(from), to: Number(to) }]);
  });
  subscriber.on('ready', () => {
    isConnected = true;
    changed = new Set(wanted);
    void arrange();
  });
  publisher.on('ready', () => {
    outgoing.push([toAll(relay.heartbeat())]);
    outgoing.resume();
  });
  try {
    await Promise.all([publisher.connect(), subscriber.connect()]);
  } catch (error) {
    unlisten();
    publisher.disconnect();
    subscriber.disconnect();
    throw error;
  }

  const heartbeat = setInterval(() => {
    if (asked.has(writesChannel)) relay.check();
    askAgain();
    outgoing.push([toAll(relay.heartbeat())]);
    // Whoever only hears would never notice.
    if (isConnected) subscriber.ping().catch(() => undefined);
  }, beatMs).unref();

  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      queueMicrotask(() => hub.tell(ranges));
      outgoing.push([
        ...relay.pack(ranges).map(toAll),
        ...ranges.map(({ recipient, from, to }) => ({
          channel: inboxPrefix + recipient,
          message: `${origin} ${from} ${to}`,
        })),
      ]);
    },
    async subscribe(listener) {
      const end = hub.subscribe(listener);
      await arrange();
      await hearing?.catch(() => undefined);
      if (isConnected && asked.has(writesChannel)) return end;
      end();
      throw serviceUnavailable('subscriptions', 'other nodes cannot be heard');
    },
    follow: hub.follow,
    async close() {
      isClosing = true;
      unlisten();
      clearInterval(heartbeat);
      outgoing.push([toAll(relay.farewell())]);
      await outgoing.settled();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** The names of the channels of one store. */
function channelsOf(database: string): { readonly writes: string; readonly inboxes: string } {
  return { writes: `tidings:${database}:writes`, inboxes: `tidings:${database}:inbox:` };
}

function chunks(channels: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(channels.length / channelsAtOnce) }, (_, index) =>
    channels.slice(index * channelsAtOnce, (index + 1) * channelsAtOnce),
  );
}
