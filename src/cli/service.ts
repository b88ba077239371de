import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import { Failure, wrongUsage } from './failure.ts';

/** The options of every command that talks to a running service. */
export interface ServiceOptions {
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** A running service, called over GraphQL. */
export interface Service {
  /** The URL of its GraphQL endpoint. */
  readonly endpoint: string;
  readonly token: string;
  /** @throws Refusal with the errors of the answer; Failure with the reason why the service cannot be reached. */
  request<Data>(query: string, variables?: object): Promise<Data>;
  /**
   * The body of a REST route, which may be of any length.
   * @throws Failure as `request`.
   */
  download(path: string): Promise<Readable>;
}

/** Timeout of a request in milliseconds. */
const requestMs = 120_000;

/** Adds the options to a command. */
export function withService(command: Command, { hasJson = true } = {}): Command {
  command
    .option('--url <url>', 'the service; default: TIDINGS_URL, or the PORT of this environment on 127.0.0.1')
    .option('--token <token>', 'default: TIDINGS_TOKEN');
  return hasJson ? command.option('--json', 'print JSON') : command;
}

/** @throws Failure when the address or the token is missing or malformed. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { readServiceAccess } = await import('../service-access.ts');
  const { loadEnvFile } = await import('../env-file.ts');
  loadEnvFile();
  const access = readServiceAccess();
  const url = options.url ?? access.url;
  const token = options.token ?? access.token ?? (options.url === undefined ? access.localToken : undefined);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw wrongUsage(`--url: "${url}" must be an address such as https://tidings.example.com.`);
  }
  if (token === undefined) throw wrongUsage('A token is needed: give --token, or set TIDINGS_TOKEN.');
  const base = url.replace(/\/+$/, '').replace(/\/graphql\/system$/, '');
  const endpoint = `${base}/graphql/system`;
  return {
    endpoint,
    token,
    request: <Data>(query: string, variables: object = {}) => ask<Data>({ url, endpoint, token }, query, variables),
    async download(path) {
      const response = await reach(url, base + path, { headers: authorization(token) });
      if (response.ok && response.body !== null) return Readable.fromWeb(response.body as ReadableStream);
      assertNotRefused((await response.json().catch(() => undefined)) as Answer | undefined);
      throw new Failure(`${url} answered ${response.status}: is it a Tidings service of this version?`);
    },
  };
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly RefusalError[];
}

interface RefusalError {
  readonly message?: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string };
}

/** The service answered with errors. */
export class Refusal extends Failure {
  readonly errors: readonly RefusalError[];

  constructor(errors: readonly RefusalError[]) {
    const messages = errors.map(({ message = 'no reason given' }) => message.replace(/\.$/, ''));
    super(`The service refused: ${messages.join('; ')}.`);
    this.errors = errors;
  }
}

async function ask<Data>(
  { url, endpoint, token }: { readonly url: string; readonly endpoint: string; readonly token: string },
  query: string,
  variables: object,
): Promise<Data> {
  const response = await reach(url, endpoint, {
    method: 'POST',
    headers: { ...authorization(token), 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(requestMs),
  });
  const answer = (await response.json().catch(() => undefined)) as Answer | undefined;
  assertNotRefused(answer);
  if (answer?.data === undefined || answer.data === null) {
    throw new Failure(
      `${url} answered ${response.status} with something other than a GraphQL result: is it a Tidings service?`,
    );
  }
  return answer.data as Data;
}

const authorization = (token: string) => ({ authorization: `Bearer ${token}` });

async function reach(url: string, address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string; message?: string } };
    throw new Failure(`The service at ${url} cannot be reached: ${cause?.code ?? cause?.message ?? message}.`);
  }
}

/** @throws Refusal with the errors of the answer, if there are some. */
function assertNotRefused(answer: Answer | undefined): void {
  if (answer?.errors?.[0] !== undefined) throw new Refusal(answer.errors);
}
