import { Socket } from 'node:net';
import pg from 'pg';
import type { Queryable } from './database.ts';

/** One connection of its own, outside the pool. */
export interface Session extends Queryable {
  /** Ends it, and does not wait for a server that does not answer. */
  end(): void;
}

export interface SessionOptions {
  readonly url: string;
  /** What the server shows as its name. */
  readonly name: string;
  /** How long a connection and each statement may take; a session that took longer is of no more use. */
  readonly timeoutMs: number;
  /** Told once when it is lost, but not when it is ended. */
  readonly onLost: () => void;
}

/** Opens a session. @throws Error when there is none in time. */
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
    // Before it is open, whoever opens it gets the error, and has no session yet that could be lost.
    if (!isOpen || isOver) return;
    isOver = true;
    onLost();
  };
  const end = () => {
    isOver = true;
    client.end().catch(() => undefined);
    // Behind a statement that is never answered the farewell would wait for ever.
    const stream = socketOf(client);
    stream?.end();
    setTimeout(() => stream?.destroy(), farewellMs).unref();
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

/** How long the server has for an orderly end. */
const farewellMs = 500;

/** The socket below a connection. */
export function socketOf(client: pg.Client | pg.PoolClient): Socket | undefined {
  const stream = client instanceof pg.Client ? client.connection.stream : undefined;
  return stream instanceof Socket ? stream : undefined;
}
