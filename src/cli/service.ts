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
  /** @throws Failure with the errors of the answer, or the reason why the service cannot be reached. */
  request<Data>(query: string, variables?: object): Promise<Data>;
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
  const endpoint = `${url.replace(/\/+$/, '').replace(/\/graphql\/system$/, '')}/graphql/system`;
  return {
    endpoint,
    token,
    request: <Data>(query: string, variables: object = {}) => ask<Data>({ url, endpoint, token }, query, variables),
  };
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message?: string }[];
}

async function ask<Data>(
  { url, endpoint, token }: { readonly url: string; readonly endpoint: string; readonly token: string },
  query: string,
  variables: object,
): Promise<Data> {
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(requestMs),
    });
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string; message?: string } };
    throw new Failure(`The service at ${url} cannot be reached: ${cause?.code ?? cause?.message ?? message}.`);
  }
  const answer = (await response.json().catch(() => undefined)) as Answer | undefined;
  if (answer?.errors?.[0] !== undefined) {
    const messages = answer.errors.map(({ message = 'no reason given' }) => message.replace(/\.$/, ''));
    throw new Failure(`The service refused: ${messages.join('; ')}.`);
  }
  if (answer?.data === undefined || answer.data === null) {
    throw new Failure(
      `${url} answered ${response.status} with something other than a GraphQL result: is it a Tidings service?`,
    );
  }
  return answer.data as Data;
}
