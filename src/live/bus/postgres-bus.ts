import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { asyncCommits } from '../../database/async-commit.ts';
import { serviceUnavailable } from '../../errors.ts';
import { listenText } from '../sql/listen.ts';
import { notifyText } from '../sql/notify.ts';
import { type Bus, createBusListeners } from './bus.ts';
import { createSendBuffer } from './send-buffer.ts';
import { createWriteMessages, heartbeatMs } from './write-messages.ts';

const channel = 'tidings_writes';
/** PostgreSQL limits a NOTIFY payload to less than 8000 bytes. */
const messageBytes = 7_900;
/** Maximum number of messages buffered while the database is unreachable: about 100 MB. */
const bufferedMessages = 10_000;
const connectMs = 10_000;
const reconnectMs = { first: 100, most: 5_000 } as const;

export interface PostgresBusOptions {
  readonly url: string;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Milliseconds between heartbeats; a connection without traffic for twice as long is considered dead. */
  readonly beatMs?: number;
}

/**
 * A bus between processes that share one PostgreSQL, using LISTEN and NOTIFY on a connection of its own, so that writes
 * never wait for it. Writes of this process reach its own listeners directly. After a lost connection it reconnects and
 * calls `interrupted` on every listener.
 * @throws Error when the first connection fails.
 */
export async function openPostgresBus({ url, log, beatMs = heartbeatMs }: PostgresBusOptions): Promise<Bus> {
  let connection: pg.Client | undefined;
  let isClosing = false;
  const listeners = createBusListeners();
  const writeMessages = createWriteMessages({
    origin: randomUUID(),
    messageBytes,
    now: () => performance.now(),
    onWrite: listeners.notify,
    onGap: () => listeners.interrupted(),
  });
  const sendBuffer = createSendBuffer<string>({
    bound: bufferedMessages,
    async send(messages) {
      const client = connection;
      if (client === undefined) throw new Error('The bus is not connected.');
      try {
        await client.query(notifyText, [channel, messages]);
      } catch (error) {
        // A timeout also means a lost connection: one that was cut without a close never responds.
        if (client === connection) onConnectionLost();
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
      if (client === connection) onConnectionLost();
    };
    client.on('error', onLost);
    client.on('end', onLost);
    client.on('notification', ({ payload }) => writeMessages.receive(payload ?? ''));
    try {
      await client.connect();
      // The subscription is not stored, so no commit needs to be flushed to disk.
      await client.query(asyncCommits);
      await client.query(listenText(channel));
      // If `close` has already run, nothing else would close this connection.
      if (isClosing) throw new Error('The bus is closed.');
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    connection = client;
    writeMessages.forgetPeers();
    // Writes made while disconnected are found by reading the database.
    listeners.interrupted();
    sendBuffer.push([writeMessages.heartbeat()]);
    sendBuffer.resume();
  }

  function onConnectionLost(): void {
    const lost = connection;
    connection = undefined;
    lost?.end().catch(() => undefined);
    if (isClosing) return;
    log.warn('event bus connection lost');
    listeners.interrupted();
    void reconnect();
  }

  async function reconnect(): Promise<void> {
    for (let waitMs: number = reconnectMs.first; !isClosing; waitMs = Math.min(2 * waitMs, reconnectMs.most)) {
      await delay(waitMs * (0.5 + Math.random()), undefined, { ref: false });
      try {
        await connect();
        log.info('event bus reconnected');
        return;
      } catch {
        // The loss is already logged; repeated failures add nothing.
      }
    }
  }

  await connect();
  const heartbeat = setInterval(() => {
    writeMessages.checkPeers();
    sendBuffer.push([writeMessages.heartbeat()]);
  }, beatMs).unref();

  return {
    publish(ranges) {
      if (ranges.length === 0) return;
      queueMicrotask(() => listeners.notify(ranges));
      sendBuffer.push(writeMessages.encode(ranges));
    },
    async subscribe(listener) {
      if (connection === undefined)
        throw serviceUnavailable('subscriptions', 'writes of other nodes cannot be received');
      return listeners.subscribe(listener);
    },
    follow: listeners.follow,
    async close() {
      isClosing = true;
      clearInterval(heartbeat);
      sendBuffer.push([writeMessages.goodbye()]);
      await sendBuffer.flushed();
      await connection?.end().catch(() => undefined);
      connection = undefined;
    },
  };
}
