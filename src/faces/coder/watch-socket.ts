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
  /** Largest message taken from a client, in bytes; any is one too many. */
  readonly maxPayloadBytes: number;
  /** How often a peer must show that it is there, in milliseconds; left out: as on every socket. */
  readonly heartbeatMs?: number;
}

/** A subscription that runs since before the upgrade, so that nothing created meanwhile is missed. */
interface Watch {
  readonly plan: WatchPlan;
  readonly events: ResultStream;
  readonly close: () => void;
}

/** Nobody has anything to say here. */
const fewBytes = 8 * 1024;

const closeCodes = { normal: 1000, policyViolation: 1008, internalError: 1011 } as const;

/**
 * New items of an inbox as they come, one JSON object per text message: `{ notification, unread_count }`.
 * The peer has nothing to say: a message from it ends the socket with 1008, as does the end of its session. Items are
 * read at the peer's pace and never dropped; one that takes none at all is ended with 1013.
 */
export function coderWatch(options: CoderWatchOptions): SocketRoute {
  const { operations, createContext, connections } = options;
  return {
    server: createSocketServer({
      maxPayload: Math.min(fewBytes, options.maxPayloadBytes),
      // The dialect has no sub-protocol.
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
    // `admit` answered a watch.
    abandoned: (admitted) => (admitted as Watch).close(),
    connected: (socket, request, admitted) => {
      closeWhenStalled(socket, request.socket);
      tell(socket, admitted as Watch, options);
    },
  };
}

function tell(socket: WebSocket, { plan, events, close }: Watch, options: CoderWatchOptions): void {
  const { log, heartbeatMs = usualHeartbeatMs } = options;

  function end(code: number, reason: string): void {
    // A peer that does not answer keeps its socket for a while; nothing is to be read for it any more.
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
  const endWatch =
    token === undefined
      ? () => undefined
      : options.tokens.watch(token, viewer, () => end(closeCodes.policyViolation, 'session ended'));

  keepAlive(socket, heartbeatMs);
  // A broken frame or a vanished peer: the socket closes by itself, and there is nothing to mend.
  socket.on('error', () => undefined);
  socket.on('message', () => end(closeCodes.policyViolation, 'unexpected data message'));
  socket.once('close', () => {
    endWatch();
    close();
  });
  follow().catch((error: unknown) => {
    log.error({ err: error }, 'watch failed');
    return end(closeCodes.internalError, 'Internal server error');
  });
}

/** Fulfilled when the text has gone out, or the socket is closed: what comes next waits for that. */
function send(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve) => {
    socket.send(text, () => resolve());
  });
}
