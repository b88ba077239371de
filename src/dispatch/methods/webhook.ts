import { createHmac } from 'node:crypto';
import type { Rendered } from '../../templates/model.ts';
import type { Payload } from '../payload.ts';
import type { Headers, HttpClient, PostRequest } from './http-client.ts';
import { type Message, type Outcome, type SingleMethod, sent, type WaitRequest } from './method.ts';
import { targetOf } from './target.ts';

/** Version of the envelope; the payload in it has a version of its own. */
const messageVersion = '1.1';
const maxRedirects = 3;

export interface WebhookOptions {
  /** Undefined if no endpoint is configured; every attempt then fails. */
  readonly endpoint: string | undefined;
  /** Key that signs messages as specified by Standard Webhooks: base64, with or without the prefix `whsec_`. */
  readonly secret: string | undefined;
  /** Maximum number of concurrent connections. */
  readonly connections: number;
  readonly timeoutMs: number;
  readonly now: () => Date;
}

/**
 * Posts each message as JSON to one endpoint. A status below 300 means sent; 429, and 503 with `Retry-After`, are
 * requests to wait; 410 (Gone) fails for good. After any other status, or without a response, the message is retried.
 * @see https://www.standardwebhooks.com
 */
export function createWebhook({ endpoint, secret, connections, timeoutMs, now }: WebhookOptions): SingleMethod {
  if (endpoint === undefined) {
    const outcome: Outcome = { kind: 'failed', reason: 'no webhook endpoint is configured' };
    return { name: 'webhook', deliver: async () => outcome, close: async () => undefined };
  }
  // The client's library needs 19 MB, so it is loaded only where webhooks are sent.
  const opening = import('./http-client.ts').then(({ createHttpClient }) =>
    createHttpClient({ connections, timeoutMs }),
  );
  const target = targetOf(new URL(endpoint));
  const bodyOf = bodySerializer();
  const sign = secret === undefined ? undefined : signer(secret);

  return {
    name: 'webhook',
    async deliver(message, attempt) {
      const body = bodyOf(message);
      const timestamp = Math.floor(now().getTime() / 1000);
      const headers = {
        'content-type': 'application/json',
        'x-message-id': message.id,
        ...(message.traceparent !== null && { traceparent: message.traceparent }),
        ...(sign && {
          'webhook-id': message.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': sign(message.id, timestamp, body),
        }),
      };
      return post(await opening, { target, headers, body, attempt }, now);
    },
    close: async () => (await opening).close(),
  };
}

async function post(client: HttpClient, request: PostRequest, now: () => Date): Promise<Outcome | WaitRequest> {
  let { target } = request;
  for (let redirects = 0; ; redirects++) {
    const { statusCode, headers } = await client.post({ ...request, target });
    if (statusCode < 300) return sent;
    const next = redirects < maxRedirects ? redirectTarget(target.url, statusCode, headers) : undefined;
    if (next === undefined) return outcomeOf(statusCode, retryAfter(first(headers['retry-after']), now()));
    target = targetOf(next);
  }
}

/** The outcome of an unsuccessful response. */
function outcomeOf(statusCode: number, afterMs: number | undefined): Outcome | WaitRequest {
  const reason = `non-2xx response (${statusCode})`;
  if (statusCode === 410) return { kind: 'failed', reason };
  const isWaitRequest = statusCode === 429 || (statusCode === 503 && afterMs !== undefined);
  return { kind: isWaitRequest ? 'wait' : 'retry', reason, ...(afterMs !== undefined && { afterMs }) };
}

/**
 * The URL to which the request is repeated; undefined if the response is not a redirect to follow. Redirects to another
 * origin are not followed, because only the configured one may receive the message.
 */
function redirectTarget(url: URL, status: number, headers: Headers): URL | undefined {
  const location = first(headers['location']);
  // Only 307 and 308 preserve the method and the body; after other redirects, clients send a GET.
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, url)) return undefined;
  const target = new URL(location, url);
  return target.origin === url.origin ? target : undefined;
}

/** Milliseconds of a `Retry-After` header, which holds seconds or a date; undefined if it is absent or malformed. */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(date - now.getTime(), 0);
}

function signer(secret: string): (id: string, timestamp: number, body: string) => string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return (id, timestamp, body) =>
    `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * Returns a function that serialises request bodies. The parts that messages share, all but the id and the user, are
 * serialised once.
 */
function bodySerializer(): (message: Message) => string {
  const payloads = new WeakMap<Payload, { readonly head: string; readonly tail: string }>();
  const texts = new WeakMap<Rendered, string>();
  return ({ id, user, payload, content }) => {
    const { head, tail } = cached(payloads, payload, payloadParts);
    const contentFields = cached(texts, content, contentFieldsOf);
    return `{"_version":"${messageVersion}","msg_id":"${id}","payload":${head},${fieldsOf(user)},${tail},${contentFields}}`;
  };
}

function payloadParts({ _version, notification_name, notification_template_id, ...rest }: Payload) {
  const head = JSON.stringify({ _version, notification_name, notification_template_id }).slice(0, -1);
  return { head, tail: JSON.stringify(rest).slice(1) };
}

const contentFieldsOf = ({ titlePlain, titleMarkdown, bodyPlain, bodyMarkdown }: Rendered) =>
  fieldsOf({ title: titlePlain, title_markdown: titleMarkdown, body: bodyPlain, body_markdown: bodyMarkdown });

/** The fields of an object as JSON, without the braces. */
const fieldsOf = (fields: object) => JSON.stringify(fields).slice(1, -1);

function cached<Key extends object, Value>(cache: WeakMap<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  let value = cache.get(key);
  if (value === undefined) {
    value = make(key);
    cache.set(key, value);
  }
  return value;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
