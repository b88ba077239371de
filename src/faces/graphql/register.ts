import type { ServerResponse } from 'node:http';
import type { RegisterFace } from '../shared/face.ts';
import { identifyRequests } from '../shared/identify.ts';
import { readAllowList } from './allow-list.ts';
import { graphqlPath, serveHttp } from './http.ts';
import { createPersistedQueries } from './persisted-queries.ts';
import { graphqlSocket } from './socket.ts';

/** GraphQL over HTTP, event streams and multipart streams, and over WebSockets. */
export const registerGraphQL: RegisterFace = async (app, services) => {
  const { config, operations } = services;
  const { allowList } = config.graphql;
  const persisted = createPersistedQueries({
    operations,
    allowList: allowList === undefined ? undefined : await readAllowList(allowList, config.graphql),
  });
  const streams = new Set<ServerResponse>();
  await app.register(async (scope) => {
    identifyRequests(scope, services);
    serveHttp(scope, { ...services, persisted, streams });
  });
  const socket = graphqlSocket({ ...services, persisted });
  return {
    sockets: new Map([
      [graphqlPath, socket],
      ['/graphql', socket],
    ]),
    streams,
  };
};
