import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Limits for reading and discarding a refused body, in bytes and milliseconds. */
const maxDropped = 64 * 1024 * 1024;
const dropMs = 10_000;

/**
 * Delays an answer that closes the connection until the request body has arrived, up to a limit. Closing while the
 * client still sends resets the connection, and the client may lose the answer.
 */
export function awaitLateBodies(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const { raw } = request;
    const closes = reply.getHeader('connection') === 'close' || raw.headers.connection?.toLowerCase() === 'close';
    if (!closes || raw.complete || raw.destroyed || !hasBody(raw)) return done(null, payload);
    drop(raw, () => done(null, payload));
  });
}

/** Whether the error is that the client disconnected before its request was complete; logged at debug level. */
export function isAborted(error: unknown, { raw, log }: FastifyRequest): boolean {
  const aborted = error === raw.errored;
  if (aborted) log.debug({ url: raw.url }, 'the client disconnected before its request was complete');
  return aborted;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Discards the rest of the request; calls `whenDone` once at its end or at a limit. */
function drop(raw: IncomingMessage, whenDone: () => void): void {
  const expected = Number(raw.headers['content-length'] ?? 0);
  if (expected > maxDropped) {
    whenDone();
    return;
  }
  let dropped = 0;
  const timer = setTimeout(finish, dropMs);
  function finish(): void {
    clearTimeout(timer);
    raw.off('data', onData);
    raw.off('end', finish);
    raw.off('close', finish);
    whenDone();
  }
  function onData(chunk: Buffer): void {
    dropped += chunk.length;
    if (dropped > maxDropped) finish();
  }
  raw.on('data', onData);
  raw.on('end', finish);
  raw.on('close', finish);
}
