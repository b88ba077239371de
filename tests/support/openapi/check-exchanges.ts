import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Exchange, faultsOf, isDescribed } from './check-exchange.ts';
import { addFault } from './faults.ts';

const channel = 'http.server.request.start';

/**
 * Checks all successful requests to this address, and all answers, against openapi.json, without changing them. A fault
 * fails the running test. Returns a function that ends the checks.
 */
export function checkExchanges(url: string): () => void {
  const port = Number(new URL(url).port);
  const onStart = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.socket.localPort === port) record(request, response);
  };
  subscribe(channel, onStart);
  return () => unsubscribe(channel, onStart);
}

function record(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request;
  if (!isDescribed(method, url)) return;
  const [sent, answered] = [createCopy(), createCopy()];
  const push = request.push;
  request.push = (chunk, ...rest) => {
    sent.add(chunk);
    return push.call(request, chunk, ...rest);
  };
  for (const name of ['write', 'end'] as const) {
    const original = response[name] as (...given: unknown[]) => unknown;
    const kept = (...given: unknown[]) => {
      answered.add(given[0]);
      return original.apply(response, given);
    };
    Object.assign(response, { [name]: kept });
  }
  let type: unknown;
  const { writeHead } = response;
  // Fastify passes its headers to `writeHead`, and Node does not store them, so they are recorded here.
  Object.assign(response, {
    writeHead(status: number, ...given: unknown[]) {
      const names = given.at(-1);
      type = typeof names === 'object' && names !== null && 'content-type' in names ? names['content-type'] : undefined;
      return (writeHead as (...all: unknown[]) => unknown).call(response, status, ...given);
    },
  });
  response.once('finish', () => {
    type ??= response.getHeader('content-type');
    const exchange: Exchange = {
      method,
      url,
      status: response.statusCode,
      sentType: headers['content-type'],
      sent: sent.text(),
      answeredType: type === undefined ? undefined : String(type),
      answered: answered.text(),
    };
    for (const fault of faultsOf(exchange)) addFault(`${method} ${url.slice(0, 300)} → ${exchange.status}: ${fault}`);
  });
}

/** Longer bodies are not checked: tests of memory use send them, and copies would disturb the measurement. */
const longestBody = 256 * 1024;

/** A copy of a body; empty if it is too long. */
function createCopy() {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    add(chunk: unknown): void {
      if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
      length += chunk.length;
      if (length > longestBody) chunks.length = 0;
      // The chunk is kept, not copied, because nobody modifies it after it was sent or received.
      else
        chunks.push(
          typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length),
        );
    },
    text: () => (length > longestBody ? '' : Buffer.concat(chunks).toString()),
  };
}
