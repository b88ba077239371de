import { createHmac } from 'node:crypto';
import type { Rendered } from '../../templates/model.ts';
import type { Payload } from '../payload.ts';
import { type Message, type Outcome, type Sender, sent, type WaitRequest } from './method.ts';
import { createPoster, type Headers, type Post, type Poster, targetOf } from './poster.ts';

/** What the endpoint is told besides the payload; the payload has a version of its own. */
const messageVersion = '1.1';
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

/**
 * Posts each message as JSON to one endpoint. Any status below 300 is a delivery. 429, and 503 with `Retry-After`, ask to
 * wait; 410 says that the endpoint is gone for good; every other answer and none is a reason to try again.
 * @see https://www.standardwebhooks.com
 */
export function createWebhook({ endpoint, secret, connections, timeoutMs, now }: WebhookOptions): Sender {
  const poster = createPoster({ connections, timeoutMs });
  const target = endpoint === undefined ? undefined : targetOf(new URL(endpoint));
  const bodyOf = bodyWriter();
  const sign = secret === undefined ? undefined : signer(secret);

  return {
    name: 'webhook',
    async deliver(message, attempt) {
      if (target === undefined) return { kind: 'fail', reason: 'no webhook endpoint is configured' };
      const body = bodyOf(message);
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
      return post(poster, { target, headers, body, attempt }, now);
    },
    close: () => poster.close(),
  };
}

async function post(poster: Poster, request: Post, now: () => Date): Promise<Outcome | WaitRequest> {
  let { target } = request;
  for (let redirects = 0; ; redirects++) {
    const { statusCode, headers } = await poster.post({ ...request, target });
    if (statusCode < 300) return sent;
    const next = redirects < mostRedirects ? redirectTarget(target.url, statusCode, headers) : undefined;
    if (next === undefined) return refusal(statusCode, retryAfter(first(headers['retry-after']), now()));
    target = targetOf(next);
  }
}

/** What an answer other than success means. */
function refusal(statusCode: number, afterMs: number | undefined): Outcome | WaitRequest {
  const reason = `non-2xx response (${statusCode})`;
  if (statusCode === 410) return { kind: 'fail', reason };
  const isWaitRequest = statusCode === 429 || (statusCode === 503 && afterMs !== undefined);
  return { kind: isWaitRequest ? 'wait' : 'retry', reason, ...(afterMs !== undefined && { afterMs }) };
}

/** Where the same message may be posted instead. Never to another host: it has not been trusted with it. */
function redirectTarget(url: URL, status: number, headers: Headers): URL | undefined {
  const location = first(headers['location']);
  // After any other redirect the message would be asked for with GET, without its body.
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, url)) return undefined;
  const target = new URL(location, url);
  return target.origin === url.origin ? target : undefined;
}

/** What a receiver asks to wait, in milliseconds: seconds or a date. */
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

/** Writes bodies. What many messages have in common is written once: all but the id and the user. */
function bodyWriter(): (message: Message) => string {
  const payloads = new WeakMap<Payload, { readonly head: string; readonly tail: string }>();
  const texts = new WeakMap<Rendered, string>();
  return ({ id, user, payload, content }) => {
    const { head, tail } = once(payloads, payload, partsOf);
    const titles = once(texts, content, textsOf);
    return `{"_version":"${messageVersion}","msg_id":"${id}","payload":${head},${fieldsOf(user)},${tail},${titles}}`;
  };
}

function partsOf({ _version, notification_name, notification_template_id, ...rest }: Payload) {
  const head = JSON.stringify({ _version, notification_name, notification_template_id }).slice(0, -1);
  return { head, tail: JSON.stringify(rest).slice(1) };
}

const textsOf = ({ titlePlain, titleMarkdown, bodyPlain, bodyMarkdown }: Rendered) =>
  fieldsOf({ title: titlePlain, title_markdown: titleMarkdown, body: bodyPlain, body_markdown: bodyMarkdown });

/** The fields of an object as JSON, without its braces. */
const fieldsOf = (fields: object) => JSON.stringify(fields).slice(1, -1);

function once<Key extends object, Value>(known: WeakMap<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make(key);
    known.set(key, value);
  }
  return value;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
