import type { IncomingMessage } from 'node:http';
import { anonymous, type Viewer } from '../../auth/viewer.ts';
import { namedOrigins } from '../shared/cors.ts';
import type { Services } from '../shared/services.ts';
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

/**
 * Who watches and what, from the request that asks for the socket, before the upgrade.
 * @throws CoderError 401, 400 for parameters, 403 for a page of another origin, 426 for a request without
 * upgrade, 429 for one too many.
 */
export type PlanWatch = (request: IncomingMessage, url: URL) => Promise<WatchPlan>;

/** Pages of the public address may watch, like those of the host they ask and those of the named origins. */
export function createWatchPlanner({ authenticate, addressOf, config }: Services, limit: RateLimit): PlanWatch {
  const { publicUrl, cors } = config;
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;

  /** Who has no session is counted, too: by the address, before the refusal. */
  async function counted(session: SessionRequest, ip: string): Promise<SignedIn> {
    let viewer: Viewer = anonymous;
    try {
      const signedIn = await signIn(session, authenticate, ip);
      viewer = signedIn;
      return signedIn;
    } finally {
      await limit({ viewer, ip, path: watchPath });
    }
  }

  return async (request, { searchParams: parameters }) => {
    const { method = 'GET', headers } = request;
    const session = { method, headers, parameters };
    const viewer = await counted(session, addressOf(request));
    const { format, ...variables } = WatchQuery(parameters);
    assertReadStatus(variables.read_status);
    if (headers.upgrade?.toLowerCase() !== 'websocket') throw upgradeRequired();
    assertOwnOrigin(headers.origin, [headers.host?.toLowerCase(), publicHost], namedOrigins(cors));
    return {
      viewer,
      token: sessionToken(session),
      subscription: watchDocuments[format === 'plaintext' ? 'plaintext' : 'markdown'],
      variables,
      // It reads what the documents select.
      messageOf: (event) => messageOf(event as Told),
    };
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
