import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Most of a refused body that is read to be thrown away, in bytes, and for how long, in milliseconds. */
const mostDropped = 64 * 1024 * 1024;
const dropMs = 10_000;

/**
 * A connection that is closed while its peer still sends is reset, and the answer may be lost with it. So whoever is
 * refused for the body, or wants the connection closed, is answered when the rest has come, up to a bound.
 */
export function awaitLateBodies(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const { raw } = request;
    const closes = reply.getHeader('connection') === 'close' || raw.headers.connection?.toLowerCase() === 'close';
    if (!closes || raw.complete || raw.destroyed || !hasBody(raw)) return done(null, payload);
    drop(raw, () => done(null, payload));
  });
}

/** Whether what failed is that the peer went away in the middle of its request. That is no fault of ours: it is logged as such. */
export function isAborted(error: unknown, { raw, log }: FastifyRequest): boolean {
  const isSo = error === raw.errored;
  if (isSo) log.debug({ url: raw.url }, 'the peer left before its request was complete');
  return isSo;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Throws away what still comes of the request; calls back, once, when that is all or enough. */
function drop(raw: IncomingMessage, whenDone: () => void): void {
  const expected = Number(raw.headers['content-length'] ?? 0);
  if (expected > mostDropped) {
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
    if (dropped > mostDropped) finish();
  }
  raw.on('data', onData);
  raw.on('end', finish);
  raw.on('close', finish);
}
