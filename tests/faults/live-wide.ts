import { createClient } from 'graphql-ws/client';
import { WebSocket } from 'ws';
import { afterwards } from './afterwards.ts';
import { adminToken } from './live-requests.ts';
import { gone, type Load } from './live-writers.ts';

/** A wide subscription of an admin: what it was told, such as `update 12`, and what it was ended with. */
export interface Wide {
  readonly told: readonly string[];
  ended(): string | undefined;
  /** Fulfilled when what it was told satisfies, when it has ended, or after a time in which everything comes. */
  until(check: () => boolean): Promise<void>;
}

const mostMs = 10_000;
const query = 'subscription { directus_notifications_mutated { key event } }';

/** Listens from now on, until the test is over. */
export async function listen(url: string): Promise<Wide> {
  const told: string[] = [];
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
  client.subscribe<{ directus_notifications_mutated: { readonly key: string; readonly event: string } }>(
    { query },
    {
      next({ data, errors }) {
        const [error] = errors ?? [];
        if (error) return end(String(error.extensions?.['code']));
        if (data) told.push(`${data.directus_notifications_mutated.event} ${data.directus_notifications_mutated.key}`);
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

/** Keys that were told of as deleted before something else, or as something else before they were created. */
export function outOfOrder({ told }: Wide): string[] {
  const first = new Map<string, number>();
  const deleted = new Set<string>();
  return told.flatMap((event, place) => {
    const key = keyOf(event);
    const isLate = deleted.has(key) || (event.startsWith('create') && first.has(key));
    if (!first.has(key)) first.set(key, place);
    if (event.startsWith('delete')) deleted.add(key);
    return isLate ? [event] : [];
  });
}

function keyOf(event: string): string {
  return event.split(' ')[1] ?? '';
}
