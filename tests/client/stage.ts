import { afterEach } from '@jest/globals';
import { WebSocket } from 'ws';
import { createInbox, type InboxOptions, type InboxView, type LiveInbox } from '../../packages/client/src/index.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { createUsers } from '../../src/users/write.ts';
import type { Person, TestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

export type Transport = InboxOptions['transport'];

/** A user with an inbox in the service and in the client. */
export interface ClientStage {
  readonly inbox: LiveInbox;
  readonly person: Person;
  /** The key of the first of the `count` notifications. */
  readonly oldest: string | undefined;
  /** Cuts the open connections. */
  cut(): void;
  /** Refuses connections until called with false. */
  block(isBlocked: boolean): void;
  /** Uses this cursor instead of the newest one in the next request. */
  replaceCursor(cursor: string): void;
  write(subjects: readonly string[]): Promise<string[]>;
  as(query: string, variables?: Readonly<Record<string, unknown>>): Promise<void>;
}

const open: LiveInbox[] = [];
afterEach(() => {
  for (const inbox of open.splice(0)) inbox.close();
});

let made = 0;

/** A new user with `count` notifications, followed over one transport. */
export async function aClient(
  app: TestApp,
  transport: Transport,
  { count = 0, ...options }: Partial<InboxOptions> & { readonly count?: number } = {},
): Promise<ClientStage> {
  const admin = app.contextOf(app.people.admin);
  made += 1;
  const token = `client-token-${transport}-${made}`;
  const [id = ''] = await createUsers(admin, [{ token }]);
  const person = { id, token };
  const write = async (subjects: readonly string[]) => {
    const rows = await createNotifications(
      admin,
      subjects.map((subject) => ({ recipient: id, subject })),
    );
    return rows.map((row) => String(row.id));
  };
  const [oldest] = count > 0 ? await write(Array.from({ length: count }, (_, position) => `${position}`)) : [];

  const cuts = new Set<() => void>();
  let isBlocked = false;
  let pretended: string | undefined;
  const withCursor = (text: string) => {
    if (pretended === undefined || !text.includes('"after":')) return text;
    const replaced = text.replace(/"after":"[^"]*"/, `"after":"${pretended}"`);
    pretended = undefined;
    return replaced;
  };
  class CutSocket extends WebSocket {
    constructor(url: string, protocols?: string) {
      super(isBlocked ? 'ws://127.0.0.1:1' : url, protocols);
      cuts.add(() => this.terminate());
    }
    override send(data: unknown): void {
      super.send(withCursor(String(data)));
    }
  }
  const cutFetch: typeof fetch = async (input, init) => {
    const isStream = new Headers(init?.headers).get('accept') === 'text/event-stream';
    if (!isStream) return (options.fetch ?? fetch)(input, init);
    if (isBlocked) throw new Error('blocked');
    const abort = new AbortController();
    init?.signal?.addEventListener('abort', () => abort.abort());
    cuts.add(() => abort.abort());
    return fetch(input, { ...init, body: withCursor(String(init?.body)), signal: abort.signal });
  };
  const inbox = createInbox({
    url: `${app.url}/graphql/system`,
    token,
    transport,
    webSocket: CutSocket,
    backOff: { firstMs: 10, mostMs: 50 },
    ...options,
    fetch: cutFetch,
  });
  open.push(inbox);
  return {
    inbox,
    person,
    oldest,
    cut() {
      for (const one of cuts) one();
      cuts.clear();
    },
    block(next) {
      isBlocked = next;
    },
    replaceCursor(cursor) {
      pretended = cursor;
    },
    write,
    async as(query, variables) {
      const { body } = await graphql(app, person, query, variables);
      if (body.errors) throw new Error(body.errors[0].message);
    },
  };
}

/** The first view from now on that satisfies the condition. */
export function until(inbox: LiveInbox, isWanted: (view: InboxView) => boolean): Promise<InboxView> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end();
      reject(new Error(`it stayed ${JSON.stringify(inbox.current())}`));
    }, 25_000);
    const look = (view: InboxView) => {
      if (!isWanted(view)) return;
      clearTimeout(timer);
      end();
      resolve(view);
    };
    const end = inbox.subscribe(look);
    look(inbox.current());
  });
}

export const isLive = ({ status }: InboxView): boolean => status === 'live';
export const subjects = ({ items }: InboxView): string[] => items.map(({ subject }) => subject);
