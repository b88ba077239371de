import { Socket } from 'node:net';
import pg from 'pg';
import type { Queryable } from './database.ts';

/** A separate connection, outside the pool. */
export interface Session extends Queryable {
  /** Closes the connection without waiting for the server. */
  end(): void;
}

export interface SessionOptions {
  readonly url: string;
  /** The `application_name` of the connection. */
  readonly name: string;
  /** Timeout of connecting and of each statement; after a timeout, end the session. */
  readonly timeoutMs: number;
  /** Called once if the connection is lost; not called after `end`. */
  readonly onLost: () => void;
}

/** Opens a session. @throws Error when connecting fails or times out. */
export async function openSession({ url, name, timeoutMs, onLost }: SessionOptions): Promise<Session> {
  const client = new pg.Client({
    connectionString: url,
    fallback_application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  let isOpen = false;
  let isOver = false;
  const lost = () => {
    // If connecting fails, `openSession` throws instead.
    if (!isOpen || isOver) return;
    isOver = true;
    onLost();
  };
  const end = () => {
    isOver = true;
    client.end().catch(() => undefined);
    // The driver sends its closing message only after the current statement, which the server may never answer.
    const stream = socketOf(client);
    stream?.end();
    setTimeout(() => stream?.destroy(), closeTimeoutMs).unref();
  };
  client.on('error', lost);
  client.on('end', lost);
  try {
    await client.connect();
  } catch (error) {
    end();
    throw error;
  }
  isOpen = true;
  return {
    end,
    async query<Row>({ text, values }: { readonly text: string; readonly values: readonly unknown[] }) {
      return (await client.query(text, [...values])).rows as Row[];
    },
  };
}

/** Milliseconds after which a closing connection is destroyed. */
const closeTimeoutMs = 500;

/** The socket below a connection. */
export function socketOf(client: pg.Client | pg.PoolClient): Socket | undefined {
  const stream = client instanceof pg.Client ? client.connection.stream : undefined;
  return stream instanceof Socket ? stream : undefined;
}
