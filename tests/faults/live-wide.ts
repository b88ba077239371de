import { createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { afterwards } from './afterwards.ts';
import { adminToken } from './live-requests.ts';
import { gone, type Load, type Way } from './live-writers.ts';

/** A wide subscription of an admin: what it was told, such as `update 12`, and what it was ended with. */
export interface Wide {
  readonly told: readonly string[];
  /** For each key, how it was when something was told of it last. */
  readonly last: ReadonlyMap<string, Way | typeof gone>;
  /** The address of its node. */
  readonly url: string;
  ended(): string | undefined;
  /** Fulfilled when what it was told satisfies, when it has ended, or after a time in which everything comes. */
  until(check: () => boolean): Promise<void>;
}

const mostMs = 30_000;
const query = `subscription { directus_notifications_mutated {
  key event data { recipient { id } status read_at } } }`;

interface Answer {
  readonly directus_notifications_mutated: {
    readonly key: string;
    readonly event: string;
    readonly data: {
      readonly recipient: { readonly id: string };
      readonly status: string;
      readonly read_at: string | null;
    } | null;
  };
}

/** Listens from now on, until the test is over. */
export async function listen(url: string): Promise<Wide> {
  const told: string[] = [];
  const last = new Map<string, Way | typeof gone>();
  const waiting = new Set<() => void>();
  let ended: string | undefined;
  const look = () => {
    for (const one of [...waiting]) one();
  };
  const end = (how: string) => {
    ended ??= how;
    look();
  };
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql/system`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { access_token: adminToken },
  });
  afterwards(() => client.dispose());
  client.subscribe<Answer>(
    { query },
    {
      next({ data, errors }) {
        const [error] = errors ?? [];
        if (error) return end(String(error.extensions?.['code']));
        if (data) {
          const { event, key, data: row } = data.directus_notifications_mutated;
          told.push(`${event} ${key}`);
          last.set(key, row ? { recipient: row.recipient.id, status: row.status, isRead: row.read_at !== null } : gone);
        }
        return look();
      },
      error: (error) => end(Array.isArray(error) ? String(error[0]?.extensions?.code) : String(error)),
      complete: () => end('completed'),
    },
  );
  // A query behind it on the same socket is answered: the server listens.
  await client.iterate({ query: '{ __typename }' }).next();
  return {
    told,
    last,
    url,
    ended: () => ended,
    until: (check) =>
      new Promise((resolve) => {
        const done = () => {
          waiting.delete(lookOnce);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(done, mostMs);
        const lookOnce = () => {
          if (ended !== undefined || check()) done();
        };
        waiting.add(lookOnce);
        lookOnce();
      }),
  };
}

/**
 * What was told too often or too rarely, each as `update 12: 1 of 2`. What was moved or deleted may have been gone
 * before earlier writes to it were read: of these less may be told.
 */
export function amiss({ told }: Wide, load: Load): string[] {
  const counts = new Map<string, number>();
  for (const event of told) counts.set(event, (counts.get(event) ?? 0) + 1);
  const events = new Set([...counts.keys(), ...load.told.keys()].filter((event) => load.ways.has(keyOf(event))));
  return [...events].flatMap((event) => {
    const [is, due] = [counts.get(event) ?? 0, load.told.get(event) ?? 0];
    const key = keyOf(event);
    const mayBeLess = !event.startsWith('delete') && (load.moved.has(key) || load.ways.get(key)?.includes(gone));
    return is === due || (mayBeLess && is < due) ? [] : [`${event}: ${is} of ${due}`];
  });
}

/** What was told last of a key and is not how it is. */
export function untrue({ last }: Wide, load: Load): string[] {
  return [...load.ways].flatMap(([key, ways]) => {
    const is = last.get(key);
    const isPossible = ways.some((way) =>
      way === gone || is === gone || is === undefined
        ? way === is
        : way.recipient === is.recipient && way.status === is.status && way.isRead === is.isRead,
    );
    return isPossible ? [] : [`${key}: ${JSON.stringify(is)} and not ${JSON.stringify(ways)}`];
  });
}

/**
 * What was told after its key was told as deleted, and creations told after more updates than may overtake them. The
 * writes of one node keep their order. A node hears at once of its own writes and later of another node's: updates of a
 * node that did not create the key may come before the creation, but not where it was created.
 */
export function outOfOrder({ told, url }: Wide, load: Load): string[] {
  const updates = new Map<string, number>();
  const deleted = new Set<string>();
  return told.flatMap((event) => {
    const key = keyOf(event);
    const before = updates.get(key) ?? 0;
    const origin = load.places.get(key);
    const mayOvertake = origin === undefined || origin.created === url ? 0 : origin.elsewhere;
    const isLate = deleted.has(key) || (event.startsWith('create') && before > mayOvertake);
    if (event.startsWith('update')) updates.set(key, before + 1);
    if (event.startsWith('delete')) deleted.add(key);
    return isLate ? [event] : [];
  });
}

function keyOf(event: string): string {
  return event.split(' ')[1] ?? '';
}
