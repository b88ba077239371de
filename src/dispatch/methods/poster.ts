import { Agent, type Dispatcher } from 'undici';
import { createDeadlines, type Deadline } from '../deadlines.ts';
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
    post: ({ target, headers, body, attempt }) =>
      new Promise((resolve, reject) => {
        let controller: Dispatcher.DispatchController | undefined;
        let isGivenUp = false;
        let bytes = 0;
        let rest: Deadline<Dispatcher.DispatchController> | undefined;
        const abort = () => controller?.abort(new Error('the attempt was given up'));
        attempt.onGivenUp(() => {
          isGivenUp = true;
          abort();
        });
        const { origin, path, credentials } = target;
        agent.dispatch(
          { origin, path, method: 'POST', headers: { ...headers, ...credentials }, body },
          {
            onRequestStart(given) {
              controller = given;
              if (isGivenUp) abort();
            },
            onResponseStart(given, statusCode, answered) {
              if (statusCode < 200) return;
              rest = rests.add(given);
              resolve({ statusCode, headers: answered });
            },
            onResponseData(given, chunk) {
              bytes += chunk.length;
              if (bytes > answerBytes) given.abort(new Error('the answer is too long'));
            },
            onResponseEnd() {
              if (rest) rests.end(rest);
            },
            onResponseError(_given, error) {
              if (rest) rests.end(rest);
              reject(error);
            },
          },
        );
      }),
    close: () => agent.destroy(),
  };
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
