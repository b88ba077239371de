import { root } from './addresses.ts';

/** A request that failed. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** The error code of the service, or `NETWORK` when it cannot be reached. */
  readonly code: string;
  /** Seconds after which to try again, if the service says so. */
  readonly retryAfter: number | undefined;

  constructor(code: string, message: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Milliseconds after which a request has failed. */
const patienceMs = 30_000;

/** Codes of a token or cookie that is no longer valid. */
const refusals: ReadonlySet<string> = new Set(['INVALID_CREDENTIALS', 'TOKEN_EXPIRED', 'INVALID_TOKEN']);

/** Whether an error, also one of the components, says that the token or cookie is no longer valid. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && refusals.has(String(error.code));
}

/**
 * Posts JSON to a path of the service. Cookies are sent along.
 * @returns the `data` of the answer; undefined for an answer without a body
 * @throws RequestError
 */
export async function post(path: string, body: object, token?: string): Promise<unknown> {
  const response = await send(path, body, token);
  if (response.status === 204) return undefined;
  const answer = await readJson(response);
  const [fault] = answer.errors ?? [];
  if (fault === undefined && response.ok) return answer.data;
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new RequestError(
    fault?.extensions?.code ?? 'UNEXPECTED',
    fault?.message ?? `The service answered ${response.status}.`,
    Number.isFinite(wait) ? wait : undefined,
  );
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message?: string; readonly extensions?: { readonly code?: string } }[];
}

async function send(path: string, body: object, token: string | undefined): Promise<Response> {
  try {
    return await fetch(new URL(path, root), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch (error) {
    throw new RequestError('NETWORK', String(error));
  }
}

async function readJson(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch {
    // A proxy answers with a page of its own while the service is away.
    const code = response.status >= 500 ? 'NETWORK' : 'UNEXPECTED';
    throw new RequestError(code, `The service answered ${response.status} without JSON.`);
  }
}
