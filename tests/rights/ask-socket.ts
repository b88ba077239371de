import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { connectRealtime } from '../support/realtime-client.ts';
import type { Caller, Outcome, World } from './callers.ts';

/** Codes with which a socket is closed for a caller who may not use it. */
const forbiddenCode = 4403;

/** Sends an operation over `graphql-transport-ws`, with the token in `connection_init`, until it is answered. */
export async function askGraphQLSocket(
  world: World,
  { name, token, id }: Caller,
  { path, query }: { readonly path: string; readonly query: string },
): Promise<Outcome> {
  const client = createClient({
    url: world.app.url.replace('http', 'ws') + path,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token !== undefined && { connectionParams: { access_token: token } }),
  });
  let outcome: Outcome | undefined;
  let isAnswered = false;
  const answered = new Promise<void>((resolve, reject) => {
    client.subscribe(
      { query },
      {
        next({ errors }) {
          outcome ??= errors === undefined ? 'allowed' : 'refused';
          resolve();
        },
        error(error) {
          if (!isRefusal(error)) return reject(new Error(`${query} as ${name}: ${JSON.stringify(error)}`));
          outcome ??= 'refused';
          return resolve();
        },
        complete: resolve,
      },
    );
  }).finally(() => {
    isAnswered = true;
  });
  // A subscription that has begun answers only when something happens.
  const isSubscription = query.startsWith('subscription');
  const happen = async () => {
    while (isSubscription && !isAnswered) {
      await world.asAdmin(
        `mutation { result: create_notifications_item(data: { recipient: "${id}", subject: "Live" }) { id } }`,
      );
    }
  };
  await Promise.all([answered, happen()]);
  await client.dispose();
  if (outcome === undefined) throw new Error(`${query} as ${name}: it ended without an answer`);
  return outcome;
}

function isRefusal(error: unknown): boolean {
  if (Array.isArray(error)) return error[0]?.extensions?.code === 'FORBIDDEN';
  return typeof error === 'object' && error !== null && 'code' in error && error.code === forbiddenCode;
}

/** Signs in on `/websocket` with the first message, and then sends another one, if there is one. */
export async function askRealtime(world: World, { token }: Caller, message?: object): Promise<Outcome> {
  const client = await connectRealtime(`${world.app.url}/websocket`);
  const { status } = await client.ask({ type: 'auth', ...(token !== undefined && { access_token: token }) });
  const answer = status === 'ok' && message !== undefined ? await client.ask(message) : undefined;
  client.socket.terminate();
  if (status !== 'ok') return 'refused';
  if (answer === undefined || answer.event === 'init') return 'allowed';
  if (answer.error?.code === 'FORBIDDEN') return 'refused';
  throw new Error(JSON.stringify(answer));
}

/** Asks for the upgrade of Coder's watch socket. */
export function askWatch(world: World, { name, token }: Caller): Promise<Outcome> {
  const url = `${world.app.url.replace('http', 'ws')}/api/v2/notifications/inbox/watch`;
  const socket = new WebSocket(url, token === undefined ? {} : { headers: { 'coder-session-token': token } });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      socket.terminate();
      resolve('allowed');
    });
    socket.once('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => {
        const { statusCode: status = 0 } = response;
        const isRefused = (status === 401 || status === 403) && 'message' in JSON.parse(text);
        if (isRefused) resolve('refused');
        else reject(new Error(`${name}: ${status} ${text}`));
      });
    });
  });
}
