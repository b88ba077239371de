import type { IncomingMessage } from 'node:http';
import type { Authenticate } from '../../auth/token-guard.ts';
import { anonymous, type Viewer } from '../../auth/viewer.ts';
import { CoderError } from './errors.ts';
import { assertReadStatus } from './inbox.ts';
import { markdownFields, notificationFields, type SelectedNotification, toInboxNotification } from './notification.ts';
import { coderQuery, text, uuidList } from './query.ts';
import type { RateLimit } from './rate-limit.ts';
import { type SignedIn, signIn } from './session.ts';
import { type SessionRequest, sessionToken } from './session-token.ts';

/** The path of the live stream, which takes WebSockets. */
export const watchPath = '/notifications/inbox/watch';

/** What one watcher is to be told, in a document of the schema. */
export interface WatchPlan {
  readonly viewer: SignedIn;
  /** The token that the watcher came with. */
  readonly token: string | undefined;
  /** The subscription whose events are told. */
  readonly subscription: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** What is said of an event; nothing for one that the dialect does not tell. */
  readonly messageOf: (event: unknown) => object | undefined;
}

const WatchQuery = coderQuery({
  targets: uuidList(),
  templates: uuidList(),
  read_status: text('all'),
  format: text('markdown'),
});

// The dialect tells of new items only; the stream knows the other changes too.
const subscriptionOf = (fields: string) => `subscription (
    $read_status: read_status, $targets: [ID!], $templates: [ID!]
  ) {
    change: inbox_changes(read_status: $read_status, targets: $targets, templates: $templates) {
      kind notification { ${fields} } unread_count } }`;

interface Told {
  readonly change: {
    readonly kind: string;
    readonly notification: SelectedNotification | null;
    readonly unread_count: number;
  };
}

/** Every document that watching runs. */
export const watchDocuments = {
  markdown: subscriptionOf(markdownFields),
  plaintext: subscriptionOf(notificationFields({ title: 'subject_plain', content: 'message_plain' })),
} as const;

/** Reads watch requests, before the upgrade. */
export interface WatchDesk {
  /**
   * Who watches and what, from the request that asks for the socket.
   * @throws CoderError 401, 400 for parameters, 403 for a page of another origin, 426 for a request without
   * upgrade, 429 for one too many.
   */
  plan(request: IncomingMessage, url: URL): Promise<WatchPlan>;
}

/**
 * @param publicUrl where browsers reach the service; its pages may watch, like those of the host they ask.
 * @param origins whose pages may watch, too.
 */
export function createWatchDesk(options: {
  readonly authenticate: Authenticate;
  /** Where a request came from. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly publicUrl: string | undefined;
  readonly origins: readonly string[];
  readonly limit: RateLimit;
}): WatchDesk {
  const publicHost = options.publicUrl === undefined ? undefined : new URL(options.publicUrl).host;

  /** Who has no session is counted, too: by the address, before the refusal. */
  async function counted(session: SessionRequest, ip: string): Promise<SignedIn> {
    let viewer: Viewer = anonymous;
    try {
      const signedIn = await signIn(session, options.authenticate, ip);
      viewer = signedIn;
      return signedIn;
    } finally {
      await options.limit({ viewer, ip, path: watchPath });
    }
  }

  return {
    async plan(request, { searchParams: parameters }) {
      const { method = 'GET', headers } = request;
      const session = { method, headers, parameters };
      const viewer = await counted(session, options.addressOf(request));
      const { format, ...variables } = WatchQuery(parameters);
      assertReadStatus(variables.read_status);
      if (headers.upgrade?.toLowerCase() !== 'websocket') throw upgradeRequired();
      assertOwnOrigin(headers.origin, [headers.host?.toLowerCase(), publicHost], options.origins);
      return {
        viewer,
        token: sessionToken(session),
        subscription: watchDocuments[format === 'plaintext' ? 'plaintext' : 'markdown'],
        variables,
        // It reads what the documents select.
        messageOf: (event) => messageOf(event as Told),
      };
    },
  };
}

function messageOf({ change: { kind, notification, unread_count } }: Told): object | undefined {
  if (kind !== 'created' || notification === null) return undefined;
  return { notification: toInboxNotification(notification), unread_count };
}

/** Browsers add cookies to sockets of any page, and name the page's origin; other clients name none. */
function assertOwnOrigin(
  origin: string | undefined,
  hosts: readonly (string | undefined)[],
  origins: readonly string[],
): void {
  if (origin === undefined) return;
  if (URL.canParse(origin) && (hosts.includes(new URL(origin).host) || origins.includes(origin))) return;
  throw new CoderError(403, {
    message: 'Forbidden.',
    detail: `The request origin ${JSON.stringify(origin)} is not authorized for this host.`,
  });
}

function upgradeRequired(): CoderError {
  const body = { message: 'This route needs a WebSocket.', detail: 'The request does not ask for an upgrade.' };
  return new CoderError(426, body, { upgrade: 'websocket', connection: 'Upgrade' });
}
