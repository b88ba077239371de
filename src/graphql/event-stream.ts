import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { resumePointOf } from './subscribe.ts';

/** Keeps proxies from taking a quiet stream for a dead one, in milliseconds. */
const commentMs = 12_000;

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  connection: 'keep-alive',
  // Or nginx would collect events before it hands them on.
  'x-accel-buffering': 'no',
};

/**
 * Answers subscriptions as server-sent events whose ids are the cursors of their changes, so that a browser which comes
 * back says by itself, in `Last-Event-ID`, where it was. Events are taken at the reader's pace.
 * @see https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md, distinct connections mode
 */
export function useEventStream(): Plugin {
  return {
    onResultProcess({ result, acceptableMediaTypes, setResultProcessor }) {
      if (!(Symbol.asyncIterator in result) || !acceptableMediaTypes.includes('text/event-stream')) return;
      setResultProcessor(
        (events, { Response }) => new Response(toStream(events as AsyncIterable<ExecutionResult>), { headers }),
        'text/event-stream',
      );
    },
  };
}

function toStream(events: AsyncIterable<ExecutionResult>): ReadableStream<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let comments: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // At once, for the headers go out with it.
      controller.enqueue(encoder.encode(':\n\n'));
      comments = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'));
      }, commentMs).unref();
    },
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (!done) return controller.enqueue(encoder.encode(eventOf(value)));
        clearInterval(comments);
        controller.enqueue(encoder.encode('event: complete\ndata:\n\n'));
        return controller.close();
      } catch (error) {
        clearInterval(comments);
        return controller.error(error);
      }
    },
    async cancel() {
      clearInterval(comments);
      await iterator.return?.();
    },
  });
}

function eventOf(result: ExecutionResult): string {
  const id = resumePointOf(result);
  return `${id === undefined ? '' : `id: ${id}\n`}event: next\ndata: ${JSON.stringify(result)}\n\n`;
}
