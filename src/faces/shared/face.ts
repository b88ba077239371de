import type { ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Dismiss } from './drain.ts';
import type { Services } from './services.ts';
import type { Refusal, SocketRoute } from './upgrade.ts';

/** One API on the server, besides its routes. */
export interface Face {
  /** Its WebSockets, by path. */
  readonly sockets: ReadonlyMap<string, SocketRoute>;
  /** Its event streams that are open; whoever destroys one ends it. */
  readonly streams?: ReadonlySet<ServerResponse>;
}

/** Adds the routes of a face to the server. @throws StartError when its configuration cannot be used. */
export type RegisterFace = (app: FastifyInstance, services: Services) => Promise<Face>;

/** How a face words the errors of requests that no route of it was found for. */
export interface ErrorDialect {
  readonly handleError: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;
  /** What an upgrade is refused with. */
  readonly refusalOf: (error: unknown, log: Pick<FastifyBaseLogger, 'error'>) => Refusal;
}

/** Everybody who stays connected to these faces, by socket or event stream. */
export function followersOf(faces: readonly Face[]): Dismiss[] {
  const sockets = new Set(faces.flatMap((face) => [...face.sockets.values()]));
  const streams = faces.flatMap((face) => [...(face.streams ?? [])]);
  return [
    ...[...sockets].flatMap(({ server, dismiss }) => [...server.clients].map((client) => () => dismiss(client))),
    // Cut rather than completed: whoever listens is to come back.
    ...streams.map((stream) => () => void stream.destroy()),
  ];
}
