import { describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { streamFormatFor, streamFormats } from '../../../src/faces/graphql/stream-formats.ts';

const events = 'text/event-stream';
const parts = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0';

describe('the format of a subscription over HTTP', () => {
  it.each([
    [undefined, events],
    ['', events],
    ['*/*', events],
    ['text/*', events],
    ['text/event-stream', events],
    ['TEXT/Event-Stream; charset=utf-8', events],
    ['application/json, text/plain, */*', events],
    ['application/graphql-response+json, application/json, text/event-stream, multipart/mixed', events],
    ['multipart/mixed', parts],
    ['multipart/*', parts],
    ['multipart/mixed;subscriptionSpec=1.0, application/json', parts],
    ['multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json', parts],
    ['multipart/mixed; boundary="a,b;c"; subscriptionSpec=1.0', parts],
    ['multipart/mixed;subscriptionSpec=1.0, text/event-stream;q=0.5', parts],
    ['text/event-stream;q=0.1, multipart/mixed;q=0.2', parts],
    ['*/*, multipart/mixed', parts],
    ['*/*;q=0.8, text/event-stream;q=0, multipart/mixed;q=0.1', parts],
  ])('a subscription with Accept "%s" is sent as %s', (accept, contentType) => {
    expect(streamFormatFor(accept)?.contentType).toBe(contentType);
  });

  it.each([
    ['application/json'],
    ['application/graphql-response+json, application/json'],
    ['text/html'],
    ['text/event-stream;q=0'],
    ['text/event-stream;q=0, application/json'],
    ['*/*;q=0'],
    ['multipart/mixed;deferSpec=20220824, application/json'],
    ['multipart/mixed;subscriptionSpec=2.0'],
    ['nonsense'],
  ])('a subscription with Accept "%s" is not sent', (accept) => {
    expect(streamFormatFor(accept)).toBeUndefined();
  });
});

describe('a subscription in parts', () => {
  const [, multipart] = streamFormats;
  const messageIn = (part: string) => JSON.parse(part.split('\r\n\r\n')[1]?.split('\r\n')[0] ?? '');

  it('a part has the errors of a result in its payload', () => {
    const result = { data: { inbox_changes: null }, errors: [new GraphQLError('no right')] };

    expect(messageIn(multipart.next(result))).toEqual({
      payload: { data: { inbox_changes: null }, errors: [{ message: 'no right' }] },
    });
  });

  it('a part has the error that ends the subscription outside the payload', () => {
    const failed = { errors: [new GraphQLError('gone', { extensions: { code: 'SERVICE_UNAVAILABLE' } })] };

    expect(messageIn(multipart.next(failed))).toEqual({
      payload: null,
      errors: [{ message: 'gone', extensions: { code: 'SERVICE_UNAVAILABLE' } }],
    });
  });
});
