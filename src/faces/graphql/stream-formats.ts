import type { ExecutionResult } from 'graphql';
import { resumePointOf } from '../../operations/subscribe.ts';
import { type Offer, preferred } from '../shared/accept.ts';

/** How the results of a subscription are written into one HTTP response. */
export interface StreamFormat extends Offer {
  readonly contentType: string;
  /** Written immediately, which flushes the headers. */
  readonly start: string;
  /** Keeps proxies and clients from closing an idle stream. */
  readonly heartbeat: string;
  readonly next: (result: ExecutionResult) => string;
  readonly end: string;
}

const comment = ':\n\n';

/**
 * Server-sent events. Event ids are the cursors of the changes, so a browser that reconnects sends its position in
 * `Last-Event-ID`.
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md, distinct connections mode
 */
const eventStream: StreamFormat = {
  type: 'text',
  subtype: 'event-stream',
  contentType: 'text/event-stream',
  start: comment,
  heartbeat: comment,
  next(result) {
    const id = resumePointOf(result);
    return `${id === undefined ? '' : `id: ${id}\n`}event: next\ndata: ${JSON.stringify(result)}\n\n`;
  },
  end: 'event: complete\ndata:\n\n',
};

const boundary = 'graphql';

/** Each part ends with its delimiter, because clients process a part only after reading the delimiter behind it. */
const part = (json: string) => `\r\nContent-Type: application/json\r\n\r\n${json}\r\n--${boundary}`;

/**
 * Apollo's multipart subscriptions.
 * @see https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
const multipart: StreamFormat = {
  type: 'multipart',
  subtype: 'mixed',
  // Other parameters, such as `deferSpec`, require another format. The server chooses the boundary.
  suits: (name, value) => name === 'boundary' || (name === 'subscriptionspec' && value === '1.0'),
  contentType: `multipart/mixed;boundary="${boundary}";subscriptionSpec=1.0`,
  start: `\r\n--${boundary}${part('{}')}`,
  heartbeat: part('{}'),
  next(result) {
    // A result without data was not executed: the subscription itself failed.
    const message = 'data' in result ? { payload: result } : { payload: null, errors: result.errors };
    return part(JSON.stringify(message));
  },
  end: '--\r\n',
};

/** The first is the default for clients that accept anything. */
export const streamFormats = [eventStream, multipart] as const;

/** The stream format that an `Accept` header prefers; undefined if it accepts none. */
export function streamFormatFor(accept: string | null | undefined): StreamFormat | undefined {
  return preferred<StreamFormat>(accept, streamFormats);
}

/** Whether a response of this content type is a stream of results. */
export function isStream(contentType: string | null): boolean {
  return streamFormats.some(({ type, subtype }) => contentType?.startsWith(`${type}/${subtype}`));
}
