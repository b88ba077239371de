import type { FastifyInstance, FastifyRequest } from 'fastify';
import { noToken, ServiceError } from '../../errors.ts';
import { documented } from '../shared/openapi.ts';
import { documentedWrite } from './answer-write.ts';
import type { Caller } from './caller.ts';
import type { Collection } from './collection-routes.ts';
import type { Query } from './query.ts';
import { prepareOwn } from './reads.ts';
import type { Row } from './render.ts';
import { sendRead } from './reply.ts';
import { updateOwn } from './writes.ts';

/** Registers the routes by which viewers read and change their own user. */
export function registerOwnUser(
  app: FastifyInstance,
  path: string,
  { callerOf, answerWrite, queryOf, descriptions }: Collection,
): void {
  app.get(path, documented(descriptions.readOwn), async (request, reply) => {
    const id = requireSignedIn(request);
    const query = queryOf(request);
    const data = await readOwn(callerOf(request), query).catch((error) => onlyId(error, id));
    return sendRead(reply, JSON.stringify({ data }));
  });

  app.patch(path, documentedWrite(descriptions.updateOwn), (request, reply) =>
    answerWrite(request, reply, async (caller) => {
      requireSignedIn(request);
      return updateOwn(caller, request.body ?? {}, queryOf(request));
    }),
  );

  app.options(path, (_request, reply) => reply.header('allow', 'GET,HEAD,PATCH').send());
}

async function readOwn(caller: Caller, query: Query): Promise<unknown> {
  const { data } = await prepareOwn(caller.resource, query, caller).run(caller);
  return data;
}

/** A viewer who requests forbidden fields of their own user gets only the id. */
function onlyId(error: unknown, id: string): Row {
  if (error instanceof ServiceError && error.code === 'FORBIDDEN') return { id };
  throw error;
}

function requireSignedIn({ viewer }: FastifyRequest): string {
  if (viewer.kind === 'anonymous') throw noToken();
  return viewer.id;
}
