import type { IncomingMessage } from 'node:http';
import type { SignedIn } from '../../../auth/sign-in.ts';
import { ownerOf } from '../../../auth/viewer.ts';
import type { Config, RealtimeConfig } from '../../../config.ts';
import { forbidden, noToken } from '../../../errors.ts';
import { namedOrigins } from '../../shared/cors.ts';
import { closeWhenStalled, dismiss } from '../../shared/heartbeat.ts';
import { handshakeToken } from '../../shared/identify.ts';
import { boundMessages } from '../../shared/newcomers.ts';
import type { Peer } from '../../shared/send.ts';
import type { Services } from '../../shared/services.ts';
import { createSocketServer } from '../../shared/socket-server.ts';
import type { SocketRoute } from '../../shared/upgrade.ts';
import { assertItemsFrame, errorFrame, type Frame, FrameError, parseFrame, parseSubscribe, withUid } from './frames.ts';
import { askForLife } from './heartbeat.ts';
import { takeIn } from './intake.ts';
import { createOutbox } from './outbox.ts';
import { createRealtimePlanner, type RealtimePlanner } from './plan.ts';
import { createSession, type Session } from './session.ts';
import { createSubscriptions } from './subscriptions.ts';

/** What its sockets have in common. */
interface Realtime {
  readonly services: Services;
  readonly settings: RealtimeConfig;
  readonly planner: RealtimePlanner;
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
export function createRealtime(services: Services, settings: RealtimeConfig): SocketRoute {
  const { config, signIn, connections, newcomers, addressOf } = services;
  const { auth, connectionLimit = Number.POSITIVE_INFINITY } = settings;
  const realtime = { services, settings, planner: createRealtimePlanner(services) };
  const server = createSocketServer({ maxPayload: config.limits.payloadBytes });
  return {
    server,
    async admit(request, url): Promise<Arrival> {
      if (server.clients.size >= connectionLimit) throw forbidden('There are too many connections');
      if (!isOwnOrigin(request, config)) throw forbidden('Pages of this origin may not connect');
      const token = handshakeToken(request, url);
      if (token === undefined && auth === 'strict') throw noToken();
      const address = addressOf(request);
      if (token === undefined) return { release: newcomers.open(address) };
      const signedIn = await signIn.withToken(token, address);
      return { signedIn, release: connections.open(signedIn.viewer) };
    },
    dismiss,
    // `admit` answered who came.
    abandoned: (admitted) => (admitted as Arrival).release(),
    connected(socket, request, admitted) {
      const { socket: connection } = request;
      closeWhenStalled(socket, connection);
      converse({ socket, connection }, admitted as Arrival, { ...realtime, address: addressOf(request) });
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
  { services, settings, planner, address }: Realtime & { readonly address: string },
): void {
  const { config, log, operations, createContext, signIn, connections, unsent } = services;
  const { payloadBytes } = config.limits;
  const { heartbeatMs } = settings;
  const outbox = createOutbox(socket, { unsent, ownerOf: () => ownerOf(session.viewer) });
  const endBound = signedIn ? undefined : boundMessages(socket, connection);
  const session: Session = createSession(signedIn && { signedIn, release }, {
    mode: settings.auth,
    timeoutMs: settings.authTimeoutMs,
    signIn,
    address,
    connections,
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
    operations,
    createContext,
    planner,
    session,
    outbox,
    log,
    most: config.live.subscriptionsPerConnection,
    mostCharacters: payloadBytes,
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
  takeIn(socket, { outbox, handle, isKnown, maxBytes: payloadBytes });
  if (heartbeatMs !== undefined) askForLife(socket, { outbox, session }, heartbeatMs);
  socket.once('close', () => {
    // A user is counted off by the session.
    if (!signedIn) release();
    session.close();
    subscriptions.close();
  });
}

/** Browsers name the page's origin; other clients name none. */
function isOwnOrigin({ headers: { origin, host } }: IncomingMessage, { publicUrl, cors }: Config): boolean {
  if (origin === undefined || namedOrigins(cors).includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  return page.host === host?.toLowerCase() || (publicUrl !== undefined && page.origin === new URL(publicUrl).origin);
}
