import { WebSocket } from 'ws';
import { createInbox, type InboxView, type LiveInbox } from '../../packages/client/src/index.ts';
import type { Person } from '../support/app.ts';
import { asAdmin } from '../support/server.ts';
import { afterwards } from './afterwards.ts';

/** An inbox of the client package; its contents are compared with the table. */
export interface ClientInbox {
  readonly person: Person;
  readonly transport: 'websocket' | 'sse';
  readonly inbox: LiveInbox;
  /** Number of errors of its stream. */
  errors(): number;
}

const transports = ['websocket', 'sse'] as const;
const maxWaitMs = 40_000;

/** Opens one inbox over each transport for each person, and waits until all are live; they close after the test. */
export async function openInboxes(some: readonly Person[], url: string): Promise<ClientInbox[]> {
  const clientInboxes = some.flatMap((person) =>
    transports.map((transport): ClientInbox => {
      let errors = 0;
      const inbox = createInbox({
        url: `${url}/graphql/system`,
        token: person.token,
        transport,
        webSocket: WebSocket,
        pageSize: 1000,
        backOff: { firstMs: 20, mostMs: 200 },
        onError: () => {
          errors += 1;
        },
      });
      afterwards(() => inbox.close());
      return { person, transport, inbox, errors: () => errors };
    }),
  );
  await Promise.all(clientInboxes.map(({ inbox }) => until(inbox, ({ status }) => status === 'live')));
  return clientInboxes;
}

/** Waits until the inboxes equal the table; returns their differences after a timeout. */
export async function inboxFaults(databaseUrl: string, clientInboxes: readonly ClientInbox[]): Promise<string[]> {
  const { rows } = await asAdmin(databaseUrl, (client) =>
    client.query<{ id: string; recipient_id: string; subject: string; is_read: boolean }>(
      `select id::text, recipient_id, subject, read_at is not null as is_read from notifications
       where status = 'inbox' order by timestamp desc, notifications.id desc`,
    ),
  );
  const faults = await Promise.all(
    clientInboxes.map(async ({ person, transport, inbox }) => {
      const own = rows.filter(({ recipient_id }) => recipient_id === person.id);
      const due = [
        ...own.map(({ id, subject, is_read }) => `${id} ${subject} ${is_read}`),
        `${own.filter(({ is_read }) => !is_read).length} unread`,
        `${own.length} in all`,
      ];
      const isEqual = await until(inbox, (view) => `${shownIn(view)}` === `${due}`);
      if (isEqual) return [];
      const shown = shownIn(inbox.current());
      const difference = {
        missing: due.filter((line) => !shown.includes(line)),
        wrong: shown.filter((line) => !due.includes(line)),
        // Lines in the wrong place; says something only if nothing is missing or wrong.
        order: shown.filter((line, place) => line !== due[place]),
      };
      return [`${person.id} over ${transport}, ${inbox.current().status}: ${JSON.stringify(difference)}`];
    }),
  );
  return faults.flat();
}

function shownIn({ items, unread, total }: InboxView): string[] {
  return [
    ...items.map(({ id, subject, read_at }) => `${id} ${subject} ${read_at !== null}`),
    `${unread} unread`,
    `${total} in all`,
  ];
}

/** Whether the condition holds before the timeout. */
function until(inbox: LiveInbox, isWanted: (view: InboxView) => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isReached: boolean) => {
      clearTimeout(timer);
      end();
      resolve(isReached);
    };
    const timer = setTimeout(() => settle(false), maxWaitMs);
    const look = (view: InboxView) => {
      if (isWanted(view)) settle(true);
    };
    const end = inbox.subscribe(look);
    look(inbox.current());
  });
}
