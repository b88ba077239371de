import type { SessionClient } from '../../../auth/sessions/sessions.ts';
import type { SignedIn } from '../../../auth/sign-in.ts';
import { ownerOf } from '../../../auth/viewer.ts';
import type { RealtimeConfig } from '../../../config.ts';
import { forbidden, noToken } from '../../../errors.ts';
import type { Charge } from '../../../rate-limits/caller-limits.ts';
import { isOwnOrigin } from '../../shared/browser-origin.ts';
import { closeWhenStalled, dismiss } from '../../shared/heartbeat.ts';
import { handshakeToken } from '../../shared/identify.ts';
import type { Peer } from '../../shared/send.ts';
import type { Services } from '../../shared/services.ts';
import { createSocketServer } from '../../shared/socket-server.ts';
import { limitMessageSize } from '../../shared/unauthenticated-sockets.ts';
import type { SocketRoute } from '../../shared/upgrade.ts';
import { assertItemsFrame, errorFrame, type Frame, FrameError, parseFrame, parseSubscribe, withUid } from './frames.ts';
import { createRealtimePlanner, type RealtimePlanner } from './plan.ts';
import { readMessages } from './read-messages.ts';
import { createSession, type Session } from './realtime-session.ts';
import { createSendQueue } from './send-queue.ts';
import { startHeartbeat } from './start-heartbeat.ts';
import { createSubscriptions } from './subscriptions.ts';

/** What all sockets share. */
interface Realtime {
  readonly services: Services;
  readonly settings: RealtimeConfig;
  readonly planner: RealtimePlanner;
}

const closeReasons = {
  missed: [1013, 'Events were missed, read again'],
  stopped: [1001, 'Going away'],
  failed: [1011, 'Internal server error'],
} as const;

/**
 * The realtime protocol of Directus: JSON messages that sign in, subscribe to changes and answer pings. A client
 * that is too slow is closed with 1013 and has to read its data again; events are never dropped silently.
 */
export function createRealtime(services: Services, settings: RealtimeConfig): SocketRoute {
  const { config, signIn, connections, unauthenticatedSockets, addressOf } = services;
  const { auth, connectionLimit = Number.POSITIVE_INFINITY } = settings;
  const realtime = { services, settings, planner: createRealtimePlanner(services) };
  const server = createSocketServer({ maxPayload: config.limits.payloadBytes });
  return {
    server,
    async admit(request, url): Promise<Admission> {
      if (server.clients.size >= connectionLimit) throw forbidden('There are too many connections');
      if (!isOwnOrigin(request.headers, config)) throw forbidden('This origin may not connect');
      const token = handshakeToken(request, url, config);
      if (token === undefined && auth === 'strict') throw noToken();
      const address = addressOf(request);
      if (token === undefined) return { release: unauthenticatedSockets.open(address) };
      const signedIn = await signIn.withToken(token, address);
      return { signedIn, release: connections.open(signedIn.viewer) };
    },
    dismiss,
    // The value is what `admit` returned.
    abandoned: (admitted) => (admitted as Admission).release(),
    connected(socket, request, admitted) {
      const { socket: connection } = request;
      closeWhenStalled(socket, connection);
      const { 'user-agent': userAgent } = request.headers;
      serveSocket({ socket, connection }, admitted as Admission, {
        ...realtime,
        client: { address: addressOf(request), userAgent },
      });
    },
  };
}

/** The types of messages that cost the caller no points. */
const heartbeats: ReadonlySet<string> = new Set(['ping', 'pong']);

/** What `admit` returns: the user of the token, or nothing for a client that has yet to sign in. */
interface Admission {
  readonly signedIn?: SignedIn;
  /** Removes the socket from the connections of the user, or from the unauthenticated sockets of the address. */
  readonly release: () => void;
}

function serveSocket(
  { socket, connection }: Pick<Peer, 'socket' | 'connection'>,
  { signedIn, release }: Admission,
  { services, settings, planner, client }: Realtime & { readonly client: SessionClient },
): void {
  const { config, log, operations, createContext, signIn, auth, connections, unsent, callerLimits } = services;
  const { payloadBytes } = config.limits;
  const { heartbeatMs } = settings;
  const sendQueue = createSendQueue(socket, { unsent, ownerOf: () => ownerOf(session.viewer) });
  const removeMessageLimit = signedIn ? undefined : limitMessageSize(socket, connection);
  const session: Session = createSession(signedIn && { signedIn, release }, {
    mode: settings.auth,
    timeoutMs: settings.authTimeoutMs,
    signIn,
    auth,
    ...client,
    connections,
    sendQueue,
    onSignedIn() {
      if (signedIn) return;
      release();
      removeMessageLimit?.();
    },
    onChange: () => subscriptions.restart(),
  });

  function end(reason: keyof typeof closeReasons): void {
    const [code, text] = closeReasons[reason];
    subscriptions.close();
    socket.close(code, text);
  }

  const subscriptions = createSubscriptions({
    operations,
    createContext,
    planner,
    session,
    sendQueue,
    log,
    maxSubscriptions: config.live.subscriptionsPerConnection,
    maxCharacters: payloadBytes,
    onEnd: end,
  });

  async function handleFrame(frame: Frame, charge: Charge | undefined): Promise<void> {
    switch (frame.type) {
      case 'auth':
        return session.authenticate(frame);
      case 'subscribe':
        return subscriptions.subscribe(parseSubscribe(frame), charge);
      case 'unsubscribe': {
        subscriptions.unsubscribe(frame.uid);
        const uid = frame.uid === undefined ? {} : { uid: String(frame.uid) };
        return sendQueue.push({ type: 'subscription', event: 'unsubscribe', ...uid });
      }
      case 'ping':
        return sendQueue.push({ type: 'pong', ...withUid(frame.uid) });
      case 'items': {
        assertItemsFrame(frame);
        const error = new FrameError('INVALID_COLLECTION', 'Items are read and written over HTTP only.');
        return sendQueue.push(errorFrame('items', error, frame.uid));
      }
      default:
      // Other types are ignored, `pong` among them.
    }
  }

  async function handle(text: string): Promise<void> {
    const frame = parseFrame(text);
    const isHeartbeat = frame !== undefined && heartbeats.has(frame.type);
    const allowance = isHeartbeat ? undefined : callerLimits?.allowanceOf(session.viewer, () => client.address);
    const refusal = allowance && (await allowance.arrive(1));
    if (refusal) return sendQueue.push(errorFrame('server', refusal, frame?.uid));
    try {
      if (session.isWaiting) await session.authenticate(frame);
      else if (frame) await handleFrame(frame, allowance?.charge);
      else sendQueue.push(errorFrame('server', new FrameError('INVALID_PAYLOAD', 'The message cannot be understood.')));
    } catch (error) {
      if (error instanceof FrameError) return sendQueue.push(errorFrame(frame?.type ?? 'server', error));
      log.error({ err: error }, 'realtime socket failed');
      end('failed');
    }
  }

  // After a protocol error or a lost connection `ws` closes the socket itself; there is nothing else to do.
  socket.on('error', () => undefined);
  const isSignedIn = () => session.viewer.kind === 'user';
  readMessages(socket, { sendQueue, handle, isSignedIn, maxBytes: payloadBytes });
  if (heartbeatMs !== undefined) startHeartbeat(socket, { sendQueue, session }, heartbeatMs);
  socket.once('close', () => {
    // For a user who came with a token the session calls `release`.
    if (!signedIn) release();
    session.close();
    subscriptions.close();
  });
}
