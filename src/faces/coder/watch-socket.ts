import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { failureOf, type ResultStream, subscribe } from '../../operations/subscribe.ts';
import { closeWhenStalled, dismiss, keepAlive, heartbeatMs as usualHeartbeatMs } from '../shared/heartbeat.ts';
import type { Services } from '../shared/services.ts';
import { createSocketServer } from '../shared/socket-server.ts';
import type { SocketRoute } from '../shared/upgrade.ts';
import type { PlanWatch, WatchPlan } from './watch.ts';

export interface CoderWatchOptions extends Pick<Services, 'operations' | 'createContext' | 'connections' | 'tokens'> {
  readonly plan: PlanWatch;
  readonly log: Pick<Logger, 'error'>;
  /** Largest message read from a client, in bytes; any message closes the socket. */
  readonly maxPayloadBytes: number;
  /** Period of pings, in milliseconds; undefined: the default. */
  readonly heartbeatMs?: number;
}

/** A subscription. It starts before the upgrade, so that notifications created meanwhile are not missed. */
interface Watch {
  readonly plan: WatchPlan;
  readonly events: ResultStream;
  readonly close: () => void;
}

/** Clients send no messages, so the limit is small. */
const maxMessageBytes = 8 * 1024;

const closeCodes = { normal: 1000, policyViolation: 1008, internalError: 1011 } as const;

/**
 * Streams new notifications of an inbox, one JSON object per text message: `{ notification, unread_count }`.
 * A message from the client closes the socket with 1008, as does the end of its session. Notifications are read at the
 * peer's pace and never dropped; a stalled peer is closed with 1013.
 */
export function coderWatch(options: CoderWatchOptions): SocketRoute {
  const { operations, createContext, connections } = options;
  return {
    server: createSocketServer({
      maxPayload: Math.min(maxMessageBytes, options.maxPayloadBytes),
      // The protocol has no subprotocol.
      handleProtocols: () => false,
    }),
    async admit(request, url): Promise<Watch> {
      const plan = await options.plan(request, url);
      const release = connections.open(plan.viewer);
      try {
        const events = await subscribe(operations, {
          document: operations.parse(plan.subscription),
          variableValues: plan.variables,
          contextValue: createContext(plan.viewer),
        });
        if (!(Symbol.asyncIterator in events)) throw failureOf(events);
        const close = () => {
          release();
          void events.return?.();
        };
        return { plan, events, close };
      } catch (error) {
        release();
        throw error;
      }
    },
    dismiss,
    // The value is what `admit` returned.
    abandoned: (admitted) => (admitted as Watch).close(),
    connected: (socket, request, admitted) => {
      closeWhenStalled(socket, request.socket);
      streamEvents(socket, admitted as Watch, options);
    },
  };
}

function streamEvents(socket: WebSocket, { plan, events, close }: Watch, options: CoderWatchOptions): void {
  const { log, heartbeatMs = usualHeartbeatMs } = options;

  function end(code: number, reason: string): void {
    // The closing handshake may take a while; the subscription ends now.
    close();
    socket.close(code, reason);
  }

  async function follow(): Promise<void> {
    for await (const event of events) {
      if (event.errors) throw failureOf(event);
      const message = plan.messageOf(event.data);
      if (message === undefined) continue;
      if (socket.readyState !== socket.OPEN) return;
      await send(socket, `${JSON.stringify(message)}\n`);
    }
    end(closeCodes.normal, '');
  }

  const { token, viewer } = plan;
  const stopWatchingToken =
    token === undefined
      ? () => undefined
      : options.tokens.watch(token, viewer, () => end(closeCodes.policyViolation, 'session ended'));

  keepAlive(socket, heartbeatMs);
  // After a protocol error or a lost connection `ws` closes the socket itself; there is nothing else to do.
  socket.on('error', () => undefined);
  socket.on('message', () => end(closeCodes.policyViolation, 'unexpected data message'));
  socket.once('close', () => {
    stopWatchingToken();
    close();
  });
  follow().catch((error: unknown) => {
    log.error({ err: error }, 'watch failed');
    return end(closeCodes.internalError, 'Internal server error');
  });
}

/** Resolves when the text is flushed or the socket is closed; the next event is read after that. */
function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    socket.send(text, () => resolve());
  });
}
