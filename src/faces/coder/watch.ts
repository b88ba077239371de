import type { IncomingMessage } from 'node:http';
import { anonymous, type Viewer } from '../../auth/viewer.ts';
import { namedOrigins } from '../shared/cors.ts';
import type { Services } from '../shared/services.ts';
import { CoderError } from './errors.ts';
import { assertReadStatus, readStatus } from './inbox.ts';
import { markdownFields, notificationFields, type SelectedNotification, toInboxNotification } from './notification.ts';
import { coderQuery, text, uuidList } from './query.ts';
import type { RateLimit } from './rate-limit.ts';
import { type SessionRequest, sessionToken } from './session-token.ts';
import { type SignedIn, signIn } from './sign-in.ts';

/** The path of the watch socket. */
export const watchPath = '/notifications/inbox/watch';

/** The GraphQL subscription that serves one client. */
export interface WatchPlan {
  readonly viewer: SignedIn;
  /** The session token of the client. */
  readonly token: string | undefined;
  /** The GraphQL subscription whose events are sent. */
  readonly subscription: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The message for an event; undefined for events that Coder's API does not send. */
  readonly messageOf: (event: unknown) => object | undefined;
}

export const WatchQuery = coderQuery({
  targets: uuidList(),
  templates: uuidList(),
  read_status: readStatus,
  format: text('markdown', ['markdown', 'plaintext']),
});

// Coder sends new notifications only; messageOf drops the other changes.
const subscriptionOf = (fields: string) => `subscription (
    $read_status: read_status, $targets: [ID!], $templates: [ID!]
  ) {
    change: inbox_changes(read_status: $read_status, targets: $targets, templates: $templates) {
      kind notification { ${fields} } unread_count } }`;

interface SubscriptionData {
  readonly change: {
    readonly kind: string;
    readonly notification: SelectedNotification | null;
    readonly unread_count: number;
  };
}

/** The subscriptions by `format`. */
export const watchDocuments = {
  markdown: subscriptionOf(markdownFields),
  plaintext: subscriptionOf(notificationFields({ title: 'subject_plain', content: 'message_plain' })),
} as const;

/**
 * Authenticates and parses the request for a watch socket, before the upgrade.
 * @throws CoderError 401 without a session, 400 for invalid parameters, 403 for a page of another origin, 426 for a
 * request without an upgrade, 429 above the rate limit.
 */
export type PlanWatch = (request: IncomingMessage, url: URL) => Promise<WatchPlan>;

/** Pages may watch from the host of the request, the public URL and the configured origins. */
export function createWatchPlanner({ authenticate, addressOf, config }: Services, limit: RateLimit): PlanWatch {
  const { publicUrl, cors } = config;
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;

  /** Requests without a session are counted, by address, before they are refused. */
  async function signInCounted(session: SessionRequest, ip: string): Promise<SignedIn> {
    let viewer: Viewer = anonymous;
    try {
      const signedIn = await signIn(session, authenticate, ip);
      viewer = signedIn;
      return signedIn;
    } finally {
      limit({ viewer, ip, path: watchPath });
    }
  }

  return async (request, { searchParams: parameters }) => {
    const { method = 'GET', headers } = request;
    const session = { method, headers, parameters };
    const viewer = await signInCounted(session, addressOf(request));
    const { format, ...variables } = WatchQuery(parameters);
    assertReadStatus(variables.read_status);
    if (headers.upgrade?.toLowerCase() !== 'websocket') throw upgradeRequired();
    assertOwnOrigin(headers.origin, [headers.host?.toLowerCase(), publicHost], namedOrigins(cors));
    return {
      viewer,
      token: sessionToken(session),
      subscription: watchDocuments[format === 'plaintext' ? 'plaintext' : 'markdown'],
      variables,
      // The documents select these fields.
      messageOf: (event) => messageOf(event as SubscriptionData),
    };
  };
}

function messageOf({ change: { kind, notification, unread_count } }: SubscriptionData): object | undefined {
  if (kind !== 'created' || notification === null) return undefined;
  return { notification: toInboxNotification(notification), unread_count };
}

/** Browsers add cookies to the sockets of any page but send its origin; other clients send none and are allowed. */
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
