import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aCounter } from './stage.ts';

/** One request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** An HTTP server that receives webhooks. */
export interface Receiver {
  readonly url: string;
  readonly requests: Received[];
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

type Answer = (request: Received, response: ServerResponse, count: number) => void;

/** @param answer default: responds with 204 */
export async function aReceiver(
  answer: Answer = (_request, response) => void response.writeHead(204).end(),
): Promise<Receiver> {
  const requests: Received[] = [];
  const counter = aCounter();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = toReceived(request, Buffer.concat(chunks).toString());
      requests.push(received);
      answer(received, response, requests.length);
      counter.add();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    requests,
    received: counter.reached,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function toReceived({ method = '', url = '', headers }: IncomingMessage, text: string): Received {
  const single = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return { method, path: url, headers: Object.fromEntries(single), text };
}
