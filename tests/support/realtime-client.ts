import { type ClientOptions, WebSocket } from 'ws';

// Each test expects its own shape of a message.
// biome-ignore lint/suspicious/noExplicitAny: read freely, compared strictly
export type Message = any;

/** A client of the realtime protocol of Directus, message by message. */
export interface RealtimeClient {
  send(message: object | string): void;
  /** The next unread message. */
  next(): Promise<Message>;
  /** Sends, and reads the next message. */
  ask(message: object | string): Promise<Message>;
  /** How the socket was closed; `rest` has the unread messages. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string; readonly rest: readonly Message[] }>;
  readonly socket: WebSocket;
}

const opened: WebSocket[] = [];

/** Closes every socket opened since the last call. */
export function closeClients(): void {
  for (const socket of opened.splice(0)) socket.terminate();
}

/** Opens a socket. @throws `{ status, body }` when the upgrade is refused. */
export function connectRealtime(address: string, options: ClientOptions = {}): Promise<RealtimeClient> {
  const socket = new WebSocket(address.replace('http', 'ws'), options);
  opened.push(socket);
  const messages: Message[] = [];
  const readers: ((message: Message) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    const reader = readers.shift();
    if (reader) reader(message);
    else messages.push(message);
  });
  const closed = new Promise<{ code: number; reason: string; rest: readonly Message[] }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason), rest: messages }));
  });
  const client: RealtimeClient = {
    socket,
    closed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next() {
      return messages.length > 0 ? messages.shift() : new Promise((resolve) => readers.push(resolve));
    },
    async ask(message) {
      client.send(message);
      return client.next();
    },
  };
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        reject({ status: response.statusCode, body: JSON.parse(Buffer.concat(parts).toString()) }),
      );
    });
  });
}
