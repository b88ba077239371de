import type { IncomingMessage } from 'node:http';
import { sessionToken } from '../../auth/coder-session.ts';
import { CoderError } from './errors.ts';
import { assertReadStatus } from './inbox.ts';
import { markdownFields, notificationFields, type SelectedNotification, toInboxNotification } from './notification.ts';
import { coderQuery, text, uuidList } from './query.ts';
import { type Authenticate, type SignedIn, signIn } from './session.ts';

/** What one watcher is to be told, in documents of the schema. */
export interface WatchPlan {
  readonly viewer: SignedIn;
  /** The token that the watcher came with. */
  readonly token: string | undefined;
  /** The subscription whose events are told. */
  readonly subscription: string;
  /** The item of an event; nothing for an event that this watcher did not ask for. */
  readonly itemOf: (event: unknown) => object | undefined;
  /** The query for the number of unread items. */
  readonly count: string;
  readonly countOf: (data: unknown) => number;
}

const WatchQuery = coderQuery({
  targets: uuidList(),
  templates: uuidList(),
  read_status: text('all'),
  format: text('markdown'),
});

type Filter = Pick<ReturnType<typeof WatchQuery>, 'targets' | 'templates' | 'read_status'>;

// An admin's subscription tells of every inbox: `facts` say whose the item is, and whether the filter lets it pass.
const subscriptionOf = (fields: string) => `subscription {
  created: directus_notifications_mutated(event: create) {
    facts: data { user_id: recipient_key status read_at targets }
    notification: data { ${fields} } } }`;

interface Created {
  readonly facts: {
    readonly user_id: string;
    readonly status: string;
    readonly read_at: string | null;
    readonly targets: readonly string[];
  };
  readonly notification: SelectedNotification;
}

/** Every document that watching runs. */
export const watchDocuments = {
  markdown: subscriptionOf(markdownFields),
  plaintext: subscriptionOf(notificationFields({ title: 'subject_plain', content: 'message_plain' })),
  count: '{ inbox(limit: 0) { unread_count } }',
} as const;

/** Reads watch requests, before the upgrade. */
export interface WatchDesk {
  /**
   * Who watches and what, from the request that asks for the socket.
   * @throws CoderError 401, 400 for parameters, 403 for a page of another origin, 426 for a request without upgrade.
   */
  plan(request: IncomingMessage, url: URL): Promise<WatchPlan>;
}

/** @param publicUrl where browsers reach the service; its pages may watch, like those of the host they ask. */
export function createWatchDesk(options: {
  readonly authenticate: Authenticate;
  readonly publicUrl: string | undefined;
}): WatchDesk {
  const publicHost = options.publicUrl === undefined ? undefined : new URL(options.publicUrl).host;
  return {
    async plan(request, { searchParams: parameters }) {
      const { method = 'GET', headers } = request;
      const session = { method, headers, parameters };
      const viewer = await signIn(session, options.authenticate);
      const { format, ...filter } = WatchQuery(parameters);
      assertReadStatus(filter.read_status);
      if (headers.upgrade?.toLowerCase() !== 'websocket') throw upgradeRequired();
      assertOwnOrigin(headers.origin, [headers.host?.toLowerCase(), publicHost]);
      return {
        viewer,
        token: sessionToken(session),
        subscription: watchDocuments[format === 'plaintext' ? 'plaintext' : 'markdown'],
        // Both read what their own document selects.
        itemOf: (event) => itemOf((event as { readonly created: Created | null }).created, viewer, filter),
        count: watchDocuments.count,
        countOf: (data) => (data as { readonly inbox: { readonly unread_count: number } }).inbox.unread_count,
      };
    },
  };
}

function itemOf(created: Created | null, viewer: SignedIn, filter: Filter): object | undefined {
  // Gone again before it was read.
  if (!created?.facts) return undefined;
  const { facts, notification } = created;
  const item = toInboxNotification(notification);
  if (facts.user_id !== viewer.id || facts.status !== 'inbox') return undefined;
  if (filter.read_status === 'read' && facts.read_at === null) return undefined;
  if (filter.read_status === 'unread' && facts.read_at !== null) return undefined;
  if (filter.targets && !filter.targets.every((target) => facts.targets.includes(target))) return undefined;
  if (filter.templates && !filter.templates.includes(item.template_id)) return undefined;
  return item;
}

/** Browsers add cookies to sockets of any page, and name the page's origin; other clients name none. */
function assertOwnOrigin(origin: string | undefined, hosts: readonly (string | undefined)[]): void {
  if (origin === undefined) return;
  if (URL.canParse(origin) && hosts.includes(new URL(origin).host)) return;
  throw new CoderError(403, {
    message: 'Forbidden.',
    detail: `The request origin ${JSON.stringify(origin)} is not authorized for this host.`,
  });
}

function upgradeRequired(): CoderError {
  const body = { message: 'This route needs a WebSocket.', detail: 'The request does not ask for an upgrade.' };
  return new CoderError(426, body, { upgrade: 'websocket', connection: 'Upgrade' });
}
