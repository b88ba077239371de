import type { FastifyInstance, FastifyRequest } from 'fastify';
import { noToken, ServiceError } from '../../errors.ts';
import { sendRows } from './collection-routes.ts';
import type { Desk, Reception } from './desk.ts';
import type { Query } from './query.ts';
import { prepareOwn } from './reads.ts';
import type { Row } from './render.ts';
import { sendRead } from './reply.ts';
import { updateOwn } from './writes.ts';

/** Registers the routes by which callers read and change themselves. */
export function registerOwnUser(app: FastifyInstance, path: string, { deskOf, queryOf }: Reception): void {
  app.get(path, async (request, reply) => {
    const id = requireSignedIn(request);
    const query = queryOf(request);
    const data = await readOwn(deskOf(request), query).catch((error) => onlyId(error, id));
    return sendRead(reply, JSON.stringify({ data }));
  });

  app.patch(path, async (request, reply) => {
    requireSignedIn(request);
    return sendRows(reply, await updateOwn(deskOf(request), request.body ?? {}, queryOf(request)));
  });

  app.options(path, (_request, reply) => reply.header('allow', 'GET,HEAD,PATCH').send());
}

async function readOwn(desk: Desk, query: Query): Promise<unknown> {
  const { operation, answer } = prepareOwn(desk.resource, query, desk);
  return answer(await desk.run(operation)).data;
}

/** Whoever asks about themselves for what they may not read is still told who they are. */
function onlyId(error: unknown, id: string): Row {
  if (error instanceof ServiceError && error.code === 'FORBIDDEN') return { id };
  throw error;
}

function requireSignedIn({ viewer }: FastifyRequest): string {
  if (viewer.kind === 'anonymous') throw noToken();
  return viewer.id;
}
