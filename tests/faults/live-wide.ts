import { createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { afterwards } from './afterwards.ts';
import { adminToken } from './live-requests.ts';
import { deleted, type State } from './live-states.ts';
import type { Load } from './live-writers.ts';

/** What its events tell of a state. */
type Told = Pick<State, 'recipient' | 'status' | 'isRead'>;

/** A subscription of an admin to all notifications: its events, such as `update 12`, and how it ended. */
export interface WideSubscription {
  readonly events: readonly string[];
  /** The state of each key in its last event. */
  readonly last: ReadonlyMap<string, Told | typeof deleted>;
  /** The URL of its node. */
  readonly url: string;
  ended(): string | undefined;
  /** Resolves when the condition holds, when the subscription has ended, or after a timeout. */
  until(check: () => boolean): Promise<void>;
}

const maxWaitMs = 30_000;
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

/** Subscribes; the subscription ends after the test. */
export async function subscribeWide(url: string): Promise<WideSubscription> {
  const events: string[] = [];
  const last = new Map<string, Told | typeof deleted>();
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
          events.push(`${event} ${key}`);
          last.set(
            key,
            row ? { recipient: row.recipient.id, status: row.status, isRead: row.read_at !== null } : deleted,
          );
        }
        return look();
      },
      error: (error) => end(Array.isArray(error) ? String(error[0]?.extensions?.code) : String(error)),
      complete: () => end('completed'),
    },
  );
  // The subscription is active once a later query on the same socket is answered.
  await client.iterate({ query: '{ __typename }' }).next();
  return {
    events,
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
        const timer = setTimeout(done, maxWaitMs);
        const lookOnce = () => {
          if (ended !== undefined || check()) done();
        };
        waiting.add(lookOnce);
        lookOnce();
      }),
  };
}

/**
 * Events that were received more or less often than they should be, such as `update 12: 1 of 2`. A notification may
 * have been moved or deleted before the events of earlier writes were read; then some of these events may be missing.
 */
export function wrongCounts({ events }: WideSubscription, load: Load): string[] {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
  const names = new Set([...counts.keys(), ...load.events.keys()].filter((event) => load.states.has(keyOf(event))));
  return [...names].flatMap((event) => {
    const [is, due] = [counts.get(event) ?? 0, load.events.get(event) ?? 0];
    const key = keyOf(event);
    const mayBeLess = !event.startsWith('delete') && (load.moved.has(key) || load.states.get(key)?.includes(deleted));
    return is === due || (mayBeLess && is < due) ? [] : [`${event}: ${is} of ${due}`];
  });
}

/** Keys whose last event does not have their final state. */
export function wrongStates({ last }: WideSubscription, load: Load): string[] {
  return [...load.states].flatMap(([key, states]) => {
    const is = last.get(key);
    const isPossible = states.some((state) =>
      state === deleted || is === deleted || is === undefined
        ? state === is
        : state.recipient === is.recipient && state.status === is.status && state.isRead === is.isRead,
    );
    return isPossible ? [] : [`${key}: ${JSON.stringify(is)} and not ${JSON.stringify(states)}`];
  });
}

/**
 * Events that were received after the delete of their key, and creates that were received after more updates than may
 * precede them. The events of one node keep their order, but a node receives its own events at once and those of other
 * nodes later: an update by another node may arrive before the create, except at the node that created the key.
 */
export function outOfOrder({ events, url }: WideSubscription, load: Load): string[] {
  const updates = new Map<string, number>();
  const deletedKeys = new Set<string>();
  return events.flatMap((event) => {
    const key = keyOf(event);
    const before = updates.get(key) ?? 0;
    const origin = load.origins.get(key);
    const mayOvertake = origin === undefined || origin.created === url ? 0 : origin.elsewhere;
    const isLate = deletedKeys.has(key) || (event.startsWith('create') && before > mayOvertake);
    if (event.startsWith('update')) updates.set(key, before + 1);
    if (event.startsWith('delete')) deletedKeys.add(key);
    return isLate ? [event] : [];
  });
}

function keyOf(event: string): string {
  return event.split(' ')[1] ?? '';
}
