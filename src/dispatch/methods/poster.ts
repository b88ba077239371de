import { Agent, type Dispatcher } from 'undici';
import { createDeadlines, type Deadline, type Deadlines } from '../deadlines.ts';
import type { Attempt } from './method.ts';

/** Where to post, read from an address once. */
export interface Target {
  readonly url: URL;
  readonly origin: string;
  readonly path: string;
  readonly credentials: Readonly<Record<string, string>>;
}

/** One request. */
export interface Post {
  readonly target: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly attempt: Attempt;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What is used of an answer. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Headers;
}

/** Posts over connections that are used again. */
export interface Poster {
  /**
   * Fulfilled as soon as the status is known. What follows only decides whether the connection can be used again: a
   * short answer is read to its end, a long or slow one is broken off.
   */
  post(post: Post): Promise<Answer>;
  close(): Promise<void>;
}

/** Most of an answer that is read. */
const answerBytes = 64 * 1024;

/** Handles answers itself, without the stream and the signal of `agent.request`, which cost more than the request. */
export function createPoster({
  connections,
  timeoutMs,
}: {
  /** Most of them at one time. */
  readonly connections: number;
  /** For a connection, and for the rest of an answer. */
  readonly timeoutMs: number;
}): Poster {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: timeoutMs },
    // An attempt is given up in time by whoever began it, and the rest of an answer below: a timer for each of both
    // would cost more than either.
    headersTimeout: 0,
    bodyTimeout: 0,
    // What an endpoint says before its body is not worth more.
    maxHeaderSize: 32 * 1024,
  });
  const rests = createDeadlines<Dispatcher.DispatchController>(timeoutMs, (controller) =>
    controller.abort(new Error('the answer does not end')),
  );

  return {
    post: ({ target: { origin, path, credentials }, headers, body, attempt }) =>
      new Promise((resolve, reject) => {
        const exchange = anExchange(rests, resolve, reject);
        attempt.onGivenUp(() => giveUp(exchange));
        agent.dispatch({ origin, path, method: 'POST', headers: { ...headers, ...credentials }, body }, exchange);
      }),
    close: () => agent.destroy(),
  };
}

type Controller = Dispatcher.DispatchController;

/** One request and its answer. There are very many, so each is a record; what it does is shared. */
interface Exchange extends Dispatcher.DispatchHandler {
  readonly rests: Deadlines<Controller>;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  controller: Controller | undefined;
  rest: Deadline<Controller> | undefined;
  bytes: number;
  isGivenUp: boolean;
}

function anExchange(rests: Exchange['rests'], resolve: Exchange['resolve'], reject: Exchange['reject']): Exchange {
  return {
    rests,
    resolve,
    reject,
    controller: undefined,
    rest: undefined,
    bytes: 0,
    isGivenUp: false,
    onRequestStart,
    onResponseStart,
    onResponseData,
    onResponseEnd,
    onResponseError,
  };
}

function giveUp(exchange: Exchange): void {
  exchange.isGivenUp = true;
  exchange.controller?.abort(new Error('the attempt was given up'));
}

function onRequestStart(this: Exchange, controller: Controller): void {
  this.controller = controller;
  if (this.isGivenUp) giveUp(this);
}

function onResponseStart(this: Exchange, controller: Controller, statusCode: number, headers: Headers): void {
  if (statusCode < 200) return;
  this.rest = this.rests.add(controller);
  this.resolve({ statusCode, headers });
}

function onResponseData(this: Exchange, controller: Controller, { length }: Buffer): void {
  this.bytes += length;
  if (this.bytes > answerBytes) controller.abort(new Error('the answer is too long'));
}

function onResponseEnd(this: Exchange): void {
  if (this.rest) this.rests.end(this.rest);
}

function onResponseError(this: Exchange, _controller: Controller, error: Error): void {
  if (this.rest) this.rests.end(this.rest);
  this.reject(error);
}

/** @param url may hold a user and a password, as every HTTP client understands them */
export function targetOf(url: URL): Target {
  return { url, origin: url.origin, path: url.pathname + url.search, credentials: credentialsOf(url) };
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
