import type { IncomingMessage } from 'node:http';
import { type ExecutionResult, subscribe } from 'graphql';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { TokenWatch } from '../auth/token-watch.ts';
import type { Viewer } from '../auth/viewer.ts';
import { ServiceError } from '../errors.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { rootOf } from '../graphql/errors.ts';
import type { Operations } from '../graphql/operations.ts';
import { keepAlive } from './heartbeat.ts';
import type { SocketRoute } from './upgrade.ts';

/** What one watcher is to be told, in documents of the schema. */
interface WatchPlan {
  readonly viewer: Viewer;
  readonly token: string | undefined;
  readonly subscription: string;
  /** The item of an event; nothing for an event that is not for this watcher. */
  readonly itemOf: (event: unknown) => object | undefined;
  readonly count: string;
  readonly countOf: (data: unknown) => number;
}

export interface CoderWatchOptions {
  readonly operations: Operations;
  readonly createContext: (viewer: Viewer) => GraphQLContext;
  /** Who asks and for what; throws what the upgrade is refused with. */
  readonly plan: (request: IncomingMessage, url: URL) => Promise<WatchPlan>;
  /** Calls back when the token stops standing for the viewer; the answer ends that. */
  readonly watchToken: TokenWatch['watch'];
  readonly log: Pick<Logger, 'error'>;
  /** Largest message taken from a client, in bytes; any is one too many. */
  readonly maxPayloadBytes: number;
  /** How often a peer must show that it is there, in milliseconds. */
  readonly heartbeatMs: number;
  /** How much may wait for a slow peer before it is disconnected. */
  readonly maxBufferedBytes?: number;
}

/** A subscription that runs since before the upgrade, so that nothing created meanwhile is missed. */
interface Watch {
  readonly plan: WatchPlan;
  readonly events: AsyncGenerator<ExecutionResult, void, void>;
}

const closeCodes = { normal: 1000, policyViolation: 1008, internalError: 1011, tryAgainLater: 1013 } as const;

/**
 * New items of an inbox as they come, one JSON object per text message: `{ notification, unread_count }`.
 * The peer has nothing to say: a message from it ends the socket with 1008, as does the end of its session. One too slow to follow is ended with
 * 1013 and must read the inbox again; nothing is dropped in silence.
 */
export function coderWatch(options: CoderWatchOptions): SocketRoute {
  return {
    server: new WebSocketServer({
      noServer: true,
      maxPayload: options.maxPayloadBytes,
      // The dialect has no sub-protocol.
      handleProtocols: () => false,
    }),
    async admit(request, url): Promise<Watch> {
      const plan = await options.plan(request, url);
      const document = options.operations.parse(plan.subscription);
      const contextValue = options.createContext(plan.viewer);
      const events = await subscribe({ schema: options.operations.schema, document, contextValue });
      if (!(Symbol.asyncIterator in events)) throw failureOf(events);
      return { plan, events };
    },
    // `admit` answered a watch.
    abandoned: (admitted) => void (admitted as Watch).events.return(),
    connected: (socket, _request, admitted) => tell(socket, admitted as Watch, options),
  };
}

function tell(socket: WebSocket, { plan, events }: Watch, options: CoderWatchOptions): void {
  const { operations, createContext, log, heartbeatMs, maxBufferedBytes = 1024 * 1024 } = options;

  function end(code: number, reason: string): void {
    // A peer that does not answer keeps its socket for a while; the events must not pile up for it.
    void events.return();
    socket.close(code, reason);
  }

  async function countUnread(): Promise<number> {
    const result = await operations.run(plan.count, {}, createContext(plan.viewer));
    if (result.errors) throw failureOf(result);
    return plan.countOf(result.data);
  }

  async function follow(): Promise<void> {
    for await (const event of events) {
      if (event.errors) throw failureOf(event);
      const notification = plan.itemOf(event.data);
      if (notification === undefined) continue;
      const unread_count = await countUnread();
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > maxBufferedBytes) return end(closeCodes.tryAgainLater, 'Too slow, read again');
      socket.send(`${JSON.stringify({ notification, unread_count })}\n`);
    }
    end(closeCodes.normal, '');
  }

  const { token, viewer } = plan;
  const endWatch =
    token === undefined
      ? () => undefined
      : options.watchToken(token, viewer, () => end(closeCodes.policyViolation, 'session ended'));

  keepAlive(socket, heartbeatMs);
  // A broken frame or a vanished peer: the socket closes by itself, and there is nothing to mend.
  socket.on('error', () => undefined);
  socket.on('message', () => end(closeCodes.policyViolation, 'unexpected data message'));
  socket.once('close', () => {
    endWatch();
    void events.return();
  });
  follow().catch((error: unknown) => {
    const isMissed = error instanceof ServiceError && error.code === 'SERVICE_UNAVAILABLE';
    if (isMissed) return end(closeCodes.tryAgainLater, 'Events were missed, read again');
    log.error({ err: error }, 'watch failed');
    return end(closeCodes.internalError, 'Internal server error');
  });
}

function failureOf({ errors = [] }: ExecutionResult): unknown {
  return rootOf(errors[0]) ?? new Error('A subscription failed without an error.');
}
