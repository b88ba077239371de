import { createHmac } from 'node:crypto';
import { Agent, type Dispatcher } from 'undici';
import { type Message, type Outcome, type Sender, sent } from './method.ts';

/** What the endpoint is told besides the payload; the payload has a version of its own. */
const messageVersion = '1.1';
/** Most of an answer that is read: enough to use the connection again. */
const answerBytes = 64 * 1024;
const mostRedirects = 3;

/** Where messages are posted. */
export interface WebhookOptions {
  /** Undefined: nothing is configured, and every message fails. */
  readonly endpoint: string | undefined;
  /** Signs messages as Standard Webhooks has it; base64, with or without `whsec_`. */
  readonly secret: string | undefined;
  /** Most connections at one time. */
  readonly connections: number;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

interface Post {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/**
 * Posts each message as JSON to one endpoint. Any status below 300 is a delivery, every other answer and none is a
 * reason to try again.
 * @see https://www.standardwebhooks.com
 */
export function createWebhook({ endpoint, secret, connections, timeoutMs, now }: WebhookOptions): Sender {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    // What an endpoint says before its body is not worth more.
    maxHeaderSize: 32 * 1024,
  });
  const sign = secret === undefined ? undefined : signer(secret);

  return {
    name: 'webhook',
    async deliver(message, signal) {
      if (endpoint === undefined) return { kind: 'fail', reason: 'no webhook endpoint is configured' };
      const body = JSON.stringify(bodyOf(message));
      const timestamp = Math.floor(now().getTime() / 1000);
      const headers = {
        'content-type': 'application/json',
        'x-message-id': message.id,
        ...(sign && {
          'webhook-id': message.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': sign(message.id, timestamp, body),
        }),
      };
      return post(agent, { url: new URL(endpoint), headers, body, signal }, now);
    },
    close: () => agent.destroy(),
  };
}

async function post(agent: Agent, request: Post, now: () => Date): Promise<Outcome> {
  let { url } = request;
  for (let redirects = 0; ; redirects++) {
    const { statusCode, headers, body } = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: { ...request.headers, ...credentials(url) },
      body: request.body,
      signal: request.signal,
    });
    // The answer is known by its status; what follows only decides whether the connection can be used again.
    void drain(body);
    if (statusCode < 300) return sent;
    const target = redirects < mostRedirects ? redirectTarget(url, statusCode, headers) : undefined;
    if (target === undefined) {
      const afterMs = retryAfter(first(headers['retry-after']), now());
      return {
        kind: 'retry',
        reason: `non-2xx response (${statusCode})`,
        ...(afterMs !== undefined && { afterMs }),
      };
    }
    url = target;
  }
}

/** Where the same message may be posted instead. Never to another host: it has not been trusted with it. */
function redirectTarget(url: URL, status: number, headers: Dispatcher.ResponseData['headers']): URL | undefined {
  const location = first(headers['location']);
  // After any other redirect the message would be asked for with GET, without its body.
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, url)) return undefined;
  const target = new URL(location, url);
  return target.origin === url.origin ? target : undefined;
}

/** Reads a short answer to its end and breaks off a long one. */
async function drain(body: Dispatcher.ResponseData['body']): Promise<void> {
  try {
    await body.dump({ limit: answerBytes });
  } catch {
    body.destroy();
  }
}

/** What a receiver asks to wait, in milliseconds: seconds or a date. */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(date - now.getTime(), 0);
}

/** A user and password in the address, as every HTTP client understands them. */
function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

function signer(secret: string): (id: string, timestamp: number, body: string) => string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return (id, timestamp, body) =>
    `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

function bodyOf({ id, payload, content }: Message) {
  return {
    _version: messageVersion,
    msg_id: id,
    payload,
    title: content.titlePlain,
    title_markdown: content.titleMarkdown,
    body: content.bodyPlain,
    body_markdown: content.bodyMarkdown,
  };
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
