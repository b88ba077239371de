import type { ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DismissClient } from './drain.ts';
import type { Refusal } from './raw-response.ts';
import type { Services } from './services.ts';
import type { SocketRoute } from './upgrade.ts';

/** What a face adds to the server besides its routes. */
export interface Face {
  /** Its WebSockets, by path. */
  readonly sockets: ReadonlyMap<string, SocketRoute>;
  /** Its open event streams; destroying a response ends its stream. */
  readonly streams?: ReadonlySet<ServerResponse>;
}

/** Adds the routes of a face to the server. @throws StartError for an invalid configuration. */
export type RegisterFace = (app: FastifyInstance, services: Services) => Promise<Face>;

/** How a face formats errors that occur outside its routes. */
export interface ErrorDialect {
  readonly handleError: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;
  /** The response to a refused upgrade. */
  readonly refusalOf: (error: unknown, log: Pick<FastifyBaseLogger, 'error'>) => Refusal;
}

/** The clients connected to these faces by socket or event stream. */
export function followersOf(faces: readonly Face[]): DismissClient[] {
  const sockets = new Set(faces.flatMap((face) => [...face.sockets.values()]));
  const streams = faces.flatMap((face) => [...(face.streams ?? [])]);
  return [
    ...[...sockets].flatMap(({ server, dismiss }) => [...server.clients].map((client) => () => dismiss(client))),
    // The stream is cut, not completed, so that clients reconnect.
    ...streams.map((stream) => () => void stream.destroy()),
  ];
}
