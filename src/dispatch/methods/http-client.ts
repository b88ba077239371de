import { Agent, type Dispatcher } from 'undici';
import { createTimeoutQueue, type TimeoutEntry, type TimeoutQueue } from '../timeout-queue.ts';
import type { Attempt } from './method.ts';
import type { Target } from './target.ts';

export interface PostRequest {
  readonly target: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly attempt: Attempt;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The parts of a response that are used. */
export interface PostResponse {
  readonly statusCode: number;
  readonly headers: Headers;
}

/** Sends POST requests over a pool of connections. */
export interface HttpClient {
  /**
   * Resolves when the status and headers have arrived. The body is discarded: a short one is read to its end, so that
   * the connection can be reused; a long or slow one closes the connection.
   */
  post(request: PostRequest): Promise<PostResponse>;
  close(): Promise<void>;
}

/** Longest response body that is read before the connection is closed. */
const maxBodyBytes = 64 * 1024;

/** Uses `agent.dispatch`: the stream and the signal of `agent.request` cost more than the request itself. */
export function createHttpClient({
  connections,
  timeoutMs,
}: {
  /** Maximum number of concurrent connections. */
  readonly connections: number;
  /** Timeout of connecting, and of reading the body of a response. */
  readonly timeoutMs: number;
}): HttpClient {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: timeoutMs },
    // The caller cancels an attempt that takes too long, and `bodyTimeouts` ends a slow body. The timers that undici
    // would start for each request cost more.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Response headers are used only for redirects and `Retry-After`, so 32 KiB are enough.
    maxHeaderSize: 32 * 1024,
  });
  const bodyTimeouts = createTimeoutQueue<Controller>(timeoutMs, (controller) =>
    controller.abort(new Error('the response body took too long')),
  );

  return {
    post: ({ target: { origin, path, credentials }, headers, body, attempt }) =>
      new Promise((resolve, reject) => {
        const handler = createResponseHandler(bodyTimeouts, resolve, reject);
        attempt.onCancel(() => cancel(handler));
        agent.dispatch({ origin, path, method: 'POST', headers: { ...headers, ...credentials }, body }, handler);
      }),
    close: () => agent.destroy(),
  };
}

type Controller = Dispatcher.DispatchController;

/**
 * Handles the response to one request. There can be thousands of handlers, so each is a plain record, and all share the
 * same methods.
 */
interface ResponseHandler extends Dispatcher.DispatchHandler {
  readonly bodyTimeouts: TimeoutQueue<Controller>;
  readonly resolve: (response: PostResponse) => void;
  readonly reject: (error: Error) => void;
  controller: Controller | undefined;
  bodyTimeout: TimeoutEntry<Controller> | undefined;
  bodyBytes: number;
  isCancelled: boolean;
}

function createResponseHandler(
  bodyTimeouts: ResponseHandler['bodyTimeouts'],
  resolve: ResponseHandler['resolve'],
  reject: ResponseHandler['reject'],
): ResponseHandler {
  return {
    bodyTimeouts,
    resolve,
    reject,
    controller: undefined,
    bodyTimeout: undefined,
    bodyBytes: 0,
    isCancelled: false,
    onRequestStart,
    onResponseStart,
    onResponseData,
    onResponseEnd,
    onResponseError,
  };
}

function cancel(handler: ResponseHandler): void {
  handler.isCancelled = true;
  handler.controller?.abort(new Error('the attempt was cancelled'));
}

function onRequestStart(this: ResponseHandler, controller: Controller): void {
  this.controller = controller;
  if (this.isCancelled) cancel(this);
}

function onResponseStart(this: ResponseHandler, controller: Controller, statusCode: number, headers: Headers): void {
  if (statusCode < 200) return;
  this.bodyTimeout = this.bodyTimeouts.add(controller);
  this.resolve({ statusCode, headers });
}

function onResponseData(this: ResponseHandler, controller: Controller, { length }: Buffer): void {
  this.bodyBytes += length;
  if (this.bodyBytes > maxBodyBytes) controller.abort(new Error('the response body is too long'));
}

function onResponseEnd(this: ResponseHandler): void {
  if (this.bodyTimeout) this.bodyTimeouts.remove(this.bodyTimeout);
}

function onResponseError(this: ResponseHandler, _controller: Controller, error: Error): void {
  if (this.bodyTimeout) this.bodyTimeouts.remove(this.bodyTimeout);
  this.reject(error);
}
