import type { ExecutionResult } from 'graphql';
import { resumePointOf } from '../../operations/subscribe.ts';
import { type Offer, preferred } from './accept.ts';

/** How the results of a subscription are written into one HTTP response. */
export interface StreamFormat extends Offer {
  readonly contentType: string;
  /** Written at once: the headers go out with it. */
  readonly start: string;
  /** Keeps proxies and clients from taking a quiet stream for a dead one. */
  readonly heartbeat: string;
  readonly next: (result: ExecutionResult) => string;
  readonly end: string;
}

const comment = ':\n\n';

/**
 * Server-sent events. Their ids are the cursors of their changes, so a browser that reconnects says by itself, in
 * `Last-Event-ID`, where it was.
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

/** The delimiter stands behind a part: clients take a part only when they have read the delimiter that ends it. */
const part = (json: string) => `\r\nContent-Type: application/json\r\n\r\n${json}\r\n--${boundary}`;

/**
 * Apollo's multipart subscriptions.
 * @see https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
 */
const multipart: StreamFormat = {
  type: 'multipart',
  subtype: 'mixed',
  // Other parameters, such as `deferSpec`, ask for parts of another shape. The boundary is the server's to choose.
  suits: (name, value) => name === 'boundary' || (name === 'subscriptionspec' && value === '1.0'),
  contentType: `multipart/mixed;boundary="${boundary}";subscriptionSpec=1.0`,
  start: `\r\n--${boundary}${part('{}')}`,
  heartbeat: part('{}'),
  next(result) {
    // Without data nothing was executed: the subscription itself failed.
    const message = 'data' in result ? { payload: result } : { payload: null, errors: result.errors };
    return part(JSON.stringify(message));
  },
  end: '--\r\n',
};

/** The first is for clients that take anything. */
export const streamFormats = [eventStream, multipart] as const;

/** The format for a subscription that an `Accept` header prefers; undefined: it takes none. */
export function streamFormatFor(accept: string | null | undefined): StreamFormat | undefined {
  return preferred<StreamFormat>(accept, streamFormats);
}

/** Whether a response of this content type is a stream of results. */
export function isStream(contentType: string | null): boolean {
  return streamFormats.some(({ type, subtype }) => contentType?.startsWith(`${type}/${subtype}`));
}
