import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { notAcceptable } from '../../errors.ts';
import { type Offer, preferred } from '../shared/accept.ts';
import { type StreamFormat, streamFormatFor, streamFormats } from './stream-formats.ts';

const heartbeatMs = 12_000;

const headers = {
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  // Keeps nginx from buffering events.
  'x-accel-buffering': 'no',
};

/** The media types of responses. Yoga handles multipart responses to queries, whatever their parameters. */
const responseTypes: readonly Offer[] = [
  { type: 'application', subtype: 'json' },
  { type: 'application', subtype: 'graphql-response+json' },
  ...streamFormats.map(({ type, subtype }) => ({ type, subtype })),
];

/**
 * Refuses a request before it runs if it accepts no available media type.
 * @throws ServiceError `NOT_ACCEPTABLE`
 */
export function assertAcceptable(accept: string | undefined): void {
  if (!preferred(accept, responseTypes)) {
    throw notAcceptable('"Accept" must include application/json or application/graphql-response+json');
  }
}

/**
 * Sends subscription results in the stream format that `Accept` prefers, at the reader's pace. A subscription that
 * accepts no stream format is refused before it starts.
 */
export function useResponseStreams(): Plugin<{ request: Request }> {
  return {
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      if (streamFormatFor(contextValue.request.headers.get('accept'))) return;
      const { message, code } = notAcceptable(
        'A subscription needs "Accept: text/event-stream" or "multipart/mixed;subscriptionSpec=1.0"',
      );
      setResultAndStopExecution({
        errors: [new GraphQLError(message, { extensions: { code, http: { status: 406 } } })],
      });
    },
    onResultProcess({ request, result, resultProcessor, setResultProcessor }) {
      if (Symbol.asyncIterator in result) {
        const format = streamFormatFor(request.headers.get('accept'));
        if (!format) return;
        setResultProcessor(
          (results, { Response }) =>
            new Response(toStream(results as AsyncIterable<ExecutionResult>, format), {
              headers: { ...headers, 'content-type': format.contentType },
            }),
          format.contentType,
        );
      } else if (!resultProcessor) {
        // Mutation results and refused subscriptions are sent as JSON, whatever the request accepts.
        setResultProcessor(
          (refusal, { Response }) =>
            new Response(JSON.stringify(refusal), {
              status: statusOf(refusal as ExecutionResult),
              headers: { 'content-type': 'application/json' },
            }),
          'application/json',
        );
      }
    },
  };
}

function statusOf({ errors = [] }: ExecutionResult): number {
  const statuses = errors.map(({ extensions }) => (extensions['http'] as { readonly status?: number })?.status ?? 0);
  return Math.max(0, ...statuses) || 200;
}

function toStream(results: AsyncIterable<ExecutionResult>, format: StreamFormat): ReadableStream<Uint8Array> {
  const iterator = results[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(format.start));
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(format.heartbeat));
      }, heartbeatMs).unref();
    },
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (!done) return controller.enqueue(encoder.encode(format.next(value)));
        clearInterval(heartbeat);
        controller.enqueue(encoder.encode(format.end));
        return controller.close();
      } catch (error) {
        clearInterval(heartbeat);
        return controller.error(error);
      }
    },
    async cancel() {
      clearInterval(heartbeat);
      await iterator.return?.();
    },
  });
}
