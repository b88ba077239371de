import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { serviceUnavailable } from '../../errors.ts';
import { type Bus, createHub } from './bus.ts';
import { createOutgoing } from './outgoing.ts';
import { createRelay, heartbeatMs } from './relay.ts';

const channel = 'tidings_writes';
/** PostgreSQL takes less than 8000 bytes. */
const messageBytes = 7_900;
/** Messages kept while the database does not answer: some 100 MB at the most. */
const waitingMessages = 10_000;
const connectMs = 10_000;
const reconnectMs = { first: 100, most: 5_000 } as const;

export interface PostgresBusOptions {
  readonly url: string;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** How often it says where it stands, in milliseconds; a connection that is silent for twice as long is dead. */
  readonly beatMs?: number;
}

/**
 * A bus between processes on one PostgreSQL, by LISTEN and NOTIFY on a connection of its own: writes wait for neither.
 * Within this process writes arrive at once. When the connection is lost it is made anew, and everybody is told.
 * @throws Error when there is no connection to begin with.
 */
export async function openPostgresBus({ url, log, beatMs = heartbeatMs }: PostgresBusOptions): Promise<Bus> {
  let connection: pg.Client | undefined;
  let isClosing = false;
  const hub = createHub();
  const relay = createRelay({
    origin: randomUUID(),
    messageBytes,
    now: () => performance.now(),
    onWrite: hub.tell,
    onGap: () => hub.interrupted(),
  });
  const outgoing = createOutgoing<string>({
    bound: waitingMessages,
    async send(messages) {
      const client = connection;
      if (client === undefined) throw new Error('The bus is not connected.');
      try {
        await client.query('select pg_notify($1, message) from unnest($2::text[]) as message', [channel, messages]);
      } catch (error) {
        // Also when it only took too long: a connection that is cut without a word never answers.
        if (client === connection) lose();
        throw error;
      }
    },
  });

  async function connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      fallback_application_name: 'tidings bus',
      keepAlive: true,
      connectionTimeoutMillis: connectMs,
      query_timeout: 2 * beatMs,
    });
    const onLost = () => {
      if (client === connection) lose();
    };
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', ({ payload }) => relay.receive(payload ?? ''));
    try {
      await client.connect();
      // Nothing that is told here is kept, so nothing has to reach the disk before it is told.
      await client.query(`set synchronous_commit = off; listen ${channel}`);
      // Nobody is left to end it later.
      if (isClosing) throw new Error('The bus is closed.');
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    connection = client;
    relay.forget();
    // Whatever was written in between is found by looking.
    hub.interrupted();
    outgoing.push([relay.heartbeat()]);
    outgoing.resume();
  }

  function lose(): void {
    const lost = connection;
    connection = undefined;
    lost?.end().catch(() => undefined);
    if (isClosing) return;
    log.warn('the connection that carries writes between nodes was lost');
    hub.interrupted();
    void reconnect();
  }

  async function reconnect(): Promise<void> {
    for (let waitMs: number = reconnectMs.first; !isClosing; waitMs = Math.min(2 * waitMs, reconnectMs.most)) {
      await delay(waitMs * (0.5 + Math.random()), undefined, { ref: false });
      try {
        await connect();
        log.info('writes are carried between nodes again');
        return;
      } catch {
        // It was said that it is lost; that it still is, is nothing new.
      }
    }
  }

  await connect();
  const heartbeat = setInterval(() => {
    relay.check();
    outgoing.push([relay.heartbeat()]);
  }, beatMs).unref();

  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      queueMicrotask(() => hub.tell(ranges));
      outgoing.push(relay.pack(ranges));
    },
    async subscribe(listener) {
      if (connection === undefined) throw serviceUnavailable('subscriptions', 'other nodes cannot be heard');
      return hub.subscribe(listener);
    },
    follow: hub.follow,
    async close() {
      isClosing = true;
      clearInterval(heartbeat);
      outgoing.push([relay.farewell()]);
      await outgoing.settled();
      await connection?.end().catch(() => undefined);
      connection = undefined;
    },
  };
}
