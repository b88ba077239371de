import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { decodeCursor } from '../../src/live/feed/cursor.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import type { Person } from '../support/app.ts';
import type { Random } from './live-figures.ts';
import { ask, dataOf } from './live-requests.ts';
import { latencyOf } from './live-subjects.ts';

/** The state of a row in a replica. */
export interface Known {
  readonly subject: string;
  readonly isRead: boolean;
}

/** Keeps a replica of an inbox by the protocol, and reconnects with the last cursor after every disconnect. */
export interface Follower {
  readonly person: Person;
  /** The version of the inbox at the start. */
  readonly start: number;
  /** The received versions, in order. */
  readonly versions: readonly number[];
  /** What it was told about each key, such as `created 12`, in order. */
  readonly events: readonly string[];
  readonly rows: ReadonlyMap<string, Known>;
  unread(): number;
  /** Number of reconnects. */
  reconnects(): number;
  /**
   * The longest time from sending a create until its change was received, in milliseconds. `connectedMs` counts only
   * the time since the last reconnect.
   */
  longest(): { readonly ms: number; readonly connectedMs: number };
  /** Events that must never happen: resets, refusals, and errors of events. */
  readonly faults: readonly string[];
  /** Cuts its own connection and reconnects. */
  disconnect(): void;
  /** Resolves when it has received everything up to this version. */
  until(version: number): Promise<void>;
  stop(): Promise<void>;
}

export interface FollowOptions {
  readonly person: Person;
  /** The URL of the next connection. */
  readonly url: () => string;
  readonly random: Random;
}

/** Milliseconds between pings, and until a missing response counts as a failure. */
const timeouts = { everyMs: 500, answerMs: 1_500 } as const;
const backOffMs = 60;
const maxWaitMs = 40_000;

const changes = `subscription ($after: String) {
  inbox_changes(after: $after) { kind key unread_count cursor notification { subject read_at } } }`;

interface Change {
  readonly kind: 'created' | 'updated' | 'deleted' | 'reset';
  readonly key: string | null;
  readonly unread_count: number;
  readonly cursor: string;
  readonly notification: { readonly subject: string; readonly read_at: string | null } | null;
}

/** A socket that fails when its handshake gets no response. */
class TimedSocket extends WebSocket {
  constructor(url: string, protocols?: string) {
    super(url, protocols, { handshakeTimeout: timeouts.answerMs });
    // A socket that is terminated before it is open emits an error.
    this.on('error', () => undefined);
  }
}

/** Starts from the current state of the inbox. */
export async function follow({ person, url, random }: FollowOptions): Promise<Follower> {
  const page = '{ inbox(limit: 1000) { notifications { id subject read_at } unread_count cursor } }';
  const { inbox } = await dataOf(ask(url(), page, {}, person.token));
  const rows = new Map<string, Known>(
    (inbox.notifications as { id: string; subject: string; read_at: string | null }[]).map((row) => [
      row.id,
      { subject: row.subject, isRead: row.read_at !== null },
    ]),
  );
  let cursor: string = inbox.cursor;
  const versionOf = (text: string) => decodeCursor(text, 'cursor').version;
  const start = versionOf(cursor);
  const versions: number[] = [];
  const events: string[] = [];
  const faults: string[] = [];
  const seen = new Set(rows.keys());
  const waiting = new Set<() => void>();
  let unread: number = inbox.unread_count;
  const longest = { ms: 0, connectedMs: 0 };
  let connectedAt = 0;
  let reconnects = 0;
  let isStopped = false;
  let client: Client | undefined;

  function take({ kind, key, unread_count, cursor: next, notification }: Change): void {
    if (kind === 'reset' || key === null) faults.push(`${kind} at ${versionOf(next)}`);
    cursor = next;
    unread = unread_count;
    versions.push(versionOf(next));
    if (key === null) return;
    events.push(`${kind} ${key}`);
    if (kind === 'deleted' || notification === null) rows.delete(key);
    else rows.set(key, { subject: notification.subject, isRead: notification.read_at !== null });
    // A row that returns from the archive or moves in is sent as created again.
    if (notification && !seen.has(key)) {
      const ms = latencyOf(notification.subject, person.id);
      longest.ms = Math.max(longest.ms, ms);
      longest.connectedMs = Math.max(longest.connectedMs, Math.min(ms, performance.now() - connectedAt));
    }
    seen.add(key);
    for (const look of [...waiting]) look();
  }

  /** Follows until the connection or the subscription ends. */
  async function once(): Promise<void> {
    const over = promiseWithResolvers<void>();
    let unanswered: NodeJS.Timeout | undefined;
    const socket = createClient({
      url: `${url().replace('http', 'ws')}/graphql/system`,
      webSocketImpl: TimedSocket,
      retryAttempts: 0,
      connectionAckWaitTimeout: timeouts.answerMs,
      keepAlive: timeouts.everyMs,
      connectionParams: { access_token: person.token },
      on: {
        connected() {
          connectedAt = performance.now();
        },
        ping(isReceived) {
          if (!isReceived) unanswered = setTimeout(() => socket.terminate(), timeouts.answerMs);
        },
        pong: () => clearTimeout(unanswered),
        closed: () => clearTimeout(unanswered),
      },
    });
    client = socket;
    socket.subscribe<{ inbox_changes: Change }>(
      { query: changes, variables: { after: cursor } },
      {
        next({ data, errors }) {
          // Events of an earlier connection are ignored.
          if (client !== socket) return;
          if (data) take(data.inbox_changes);
          else faults.push(`an event failed: ${JSON.stringify(errors)}`);
        },
        error(error) {
          if (isFinal(error)) faults.push(`refused: ${JSON.stringify(error)} ${String(error)}`);
          over.resolve();
        },
        complete: () => over.resolve(),
      },
    );
    await over.promise;
    client = undefined;
    socket.terminate();
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      await once();
      if (isStopped) return;
      reconnects += 1;
      await delay(backOffMs * random.next());
    }
  }
  const running = run();

  return {
    person,
    start,
    versions,
    events,
    rows,
    faults,
    unread: () => unread,
    reconnects: () => reconnects,
    longest: () => longest,
    disconnect: () => client?.terminate(),
    until: (version) =>
      new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = () => {
          if (versionOf(cursor) < version) return;
          end();
          resolve();
        };
        const timer = setTimeout(() => {
          end();
          reject(
            new Error(
              `It received versions up to ${versionOf(cursor)} and not ${version}. Faults: ${faults.join('; ')}`,
            ),
          );
        }, maxWaitMs);
        waiting.add(look);
        look();
      }),
    async stop() {
      isStopped = true;
      // Its promise is rejected if the client is just connecting.
      Promise.resolve(client?.dispose()).catch(() => undefined);
      client?.terminate();
      await running;
    },
  };
}

/** Whether a client should not retry after this refusal. */
function isFinal(error: unknown): boolean {
  if (Array.isArray(error)) return error.some(({ extensions }) => extensions?.code !== 'SERVICE_UNAVAILABLE');
  return (
    typeof error === 'object' && error !== null && 'code' in error && [4400, 4401, 4403].includes(Number(error.code))
  );
}
