import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Connections } from '../../../auth/connections.ts';
import type { SignedIn, SignIn } from '../../../auth/sign-in.ts';
import type { Viewer } from '../../../auth/viewer.ts';
import { forbidden, noToken } from '../../../errors.ts';
import type { Operations } from '../../../operations/operations.ts';
import type { GraphQLContext } from '../../../schema/context.ts';
import { closeWhenStalled, dismiss } from '../../shared/heartbeat.ts';
import { boundMessages, type Newcomers } from '../../shared/newcomers.ts';
import type { Peer } from '../../shared/send.ts';
import { createSocketServer } from '../../shared/socket-server.ts';
import type { Unsent } from '../../shared/unsent.ts';
import type { SocketRoute } from '../../shared/upgrade.ts';
import { assertItemsFrame, errorFrame, type Frame, FrameError, parseFrame, parseSubscribe, withUid } from './frames.ts';
import { askForLife } from './heartbeat.ts';
import { takeIn } from './intake.ts';
import { createOutbox } from './outbox.ts';
import { type AuthMode, createSession, type Session } from './session.ts';
import { createSubscriptions, type RealtimeDesk } from './subscriptions.ts';

export interface DirectusRealtimeOptions {
  readonly operations: Operations;
  readonly createContext: (viewer: Viewer) => GraphQLContext;
  readonly desk: RealtimeDesk;
  readonly signIn: Pick<SignIn, 'withToken' | 'withPassword'>;
  /** Where a handshake request came from. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** The token of the handshake request, from its header or its address. */
  readonly tokenOf: (request: IncomingMessage, url: URL) => string | undefined;
  readonly auth: AuthMode;
  /** How long a client may take to say who it is, in milliseconds. */
  readonly authTimeoutMs: number;
  /** Counts the connections of each user. */
  readonly connections: Connections;
  readonly newcomers: Newcomers;
  /** Most sockets at a time; unset: no limit. */
  readonly connectionLimit?: number | undefined;
  /** Where browsers reach the service; its pages may connect, like those of the host they ask. */
  readonly publicUrl: string | undefined;
  /** Whose pages may connect, too. */
  readonly origins: readonly string[];
  readonly unsent: Unsent;
  readonly log: Pick<Logger, 'error'>;
  /** Largest message taken from a client, in bytes. */
  readonly maxPayloadBytes: number;
  /** How often a client must show that it is there, in milliseconds; unset: it need not. */
  readonly heartbeatMs?: number | undefined;
  /** Most subscriptions of one socket at a time. */
  readonly subscriptionsMax: number;
}

const ends = {
  missed: [1013, 'Events were missed, read again'],
  stopped: [1001, 'Going away'],
  failed: [1011, 'Internal server error'],
} as const;

/**
 * The realtime protocol of Directus: JSON messages that sign in, subscribe to changes and answer pings. A client too
 * slow to follow is ended with 1013 and must read again; nothing is dropped in silence.
 */
export function directusRealtime(options: DirectusRealtimeOptions): SocketRoute {
  const { signIn, tokenOf, auth, connections, connectionLimit = Number.POSITIVE_INFINITY } = options;
  const server = createSocketServer({ maxPayload: options.maxPayloadBytes });
  return {
    server,
    async admit(request, url): Promise<Arrival> {
      if (server.clients.size >= connectionLimit) throw forbidden('There are too many connections');
      if (!isOwnOrigin(request, options)) throw forbidden('Pages of this origin may not connect');
      const token = tokenOf(request, url);
      if (token === undefined && auth === 'strict') throw noToken();
      const address = options.addressOf(request);
      if (token === undefined) return { release: options.newcomers.open(address) };
      const signedIn = await signIn.withToken(token, address);
      return { signedIn, release: connections.open(signedIn.viewer) };
    },
    dismiss,
    // `admit` answered who came.
    abandoned: (admitted) => (admitted as Arrival).release(),
    connected(socket, request, admitted) {
      const { socket: connection } = request;
      closeWhenStalled(socket, connection);
      converse({ socket, connection }, admitted as Arrival, { ...options, address: options.addressOf(request) });
    },
  };
}

/** Who came: a user, or somebody who is counted as a newcomer until they sign in. */
interface Arrival {
  readonly signedIn?: SignedIn;
  readonly release: () => void;
}

function converse(
  { socket, connection }: Pick<Peer, 'socket' | 'connection'>,
  { signedIn, release }: Arrival,
  options: DirectusRealtimeOptions & { readonly address: string },
): void {
  const { log, heartbeatMs, subscriptionsMax } = options;
  const outbox = createOutbox(socket, { unsent: options.unsent, ownerOf: () => ownerOf(session) });
  const endBound = signedIn ? undefined : boundMessages(socket, connection);
  const session: Session = createSession(signedIn && { signedIn, release }, {
    mode: options.auth,
    timeoutMs: options.authTimeoutMs,
    signIn: options.signIn,
    address: options.address,
    connections: options.connections,
    outbox,
    onSignedIn() {
      if (signedIn) return;
      release();
      endBound?.();
    },
    onChange: () => subscriptions.restart(),
  });

  function end(why: keyof typeof ends): void {
    const [code, reason] = ends[why];
    subscriptions.close();
    socket.close(code, reason);
  }

  const subscriptions = createSubscriptions({
    ...options,
    session,
    outbox,
    most: subscriptionsMax,
    mostCharacters: options.maxPayloadBytes,
    onEnd: end,
  });

  async function answer(frame: Frame): Promise<void> {
    switch (frame.type) {
      case 'auth':
        return session.authenticate(frame);
      case 'subscribe':
        return subscriptions.subscribe(parseSubscribe(frame));
      case 'unsubscribe': {
        subscriptions.unsubscribe(frame.uid);
        const uid = frame.uid === undefined ? {} : { uid: String(frame.uid) };
        return outbox.push({ type: 'subscription', event: 'unsubscribe', ...uid });
      }
      case 'ping':
        return outbox.push({ type: 'pong', ...withUid(frame.uid) });
      case 'items': {
        assertItemsFrame(frame);
        const error = new FrameError('INVALID_COLLECTION', 'Items are read and written over HTTP only.');
        return outbox.push(errorFrame('items', error, frame.uid));
      }
      default:
      // Among them the answer to our own ping.
    }
  }

  async function handle(text: string): Promise<void> {
    const frame = parseFrame(text);
    try {
      if (session.isWaiting) await session.authenticate(frame);
      else if (frame) await answer(frame);
      else outbox.push(errorFrame('server', new FrameError('INVALID_PAYLOAD', 'The message cannot be understood.')));
    } catch (error) {
      if (error instanceof FrameError) return outbox.push(errorFrame(frame?.type ?? 'server', error));
      log.error({ err: error }, 'realtime socket failed');
      end('failed');
    }
  }

  // A broken frame or a vanished peer: the socket closes by itself, and there is nothing to mend.
  socket.on('error', () => undefined);
  const isKnown = () => session.viewer.kind === 'user';
  takeIn(socket, { outbox, handle, isKnown, maxBytes: options.maxPayloadBytes });
  if (heartbeatMs !== undefined) askForLife(socket, { outbox, session }, heartbeatMs);
  socket.once('close', () => {
    // A user is counted off by the session.
    if (!signedIn) release();
    session.close();
    subscriptions.close();
  });
}

function ownerOf({ viewer }: Session): string {
  return viewer.kind === 'user' ? viewer.id : viewer.kind;
}

/** Browsers name the page's origin; other clients name none. */
function isOwnOrigin(
  { headers: { origin, host } }: IncomingMessage,
  { publicUrl, origins }: Pick<DirectusRealtimeOptions, 'publicUrl' | 'origins'>,
): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host?.toLowerCase() || (publicUrl !== undefined && page.origin === new URL(publicUrl).origin);
}
