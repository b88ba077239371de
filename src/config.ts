import { z } from 'zod';
import type { TrustedProxies } from './client-address.ts';
import { Environment } from './environment.ts';
import type { Mailbox } from './mailbox.ts';
import { findNearNames, type NearName } from './near-names.ts';
import { secretNames, withSecretFiles } from './secret-files.ts';

/** Allowed origins: any without cookies, or these with cookies. */
export type Origins = 'any' | readonly string[];

/** The configuration: read once at start, passed down, never changed. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Public URL of the service; undefined: the address it listens on. */
  readonly publicUrl: string | undefined;
  readonly database: {
    readonly url: string | undefined;
    readonly poolSize: number;
    /** Maximum duration of one statement. */
    readonly timeoutMs: number;
    /** Whether texts are indexed. */
    readonly hasSearchIndex: boolean;
  };
  /** Directory of the embedded database. */
  readonly dataDir: string;
  /** Milliseconds a start waits for the database and the bus; 0: not at all. */
  readonly startupTimeoutMs: number;
  readonly stop: StopConfig;
  /** The admin created by the first start; missing values are generated and printed once. */
  readonly admin: {
    readonly email: string | undefined;
    readonly password: string | undefined;
    readonly token: string | undefined;
  };
  readonly logLevel: string;
  readonly limits: Limits;
  /** Maximum number of unsent bytes of responses and messages in the process. */
  readonly unsentBytes: number;
  readonly cors: Origins;
  /** Token required for metrics; undefined: requests from this machine need no token. */
  readonly metricsToken: string | undefined;
  /** Proxies that are trusted about the client's address. */
  readonly trustProxy: TrustedProxies;
  /** Maximum unknown tokens per address and minute; 0: no limit. */
  readonly wrongTokenLimit: number;
  /**
   * Maximum requests per user and endpoint of the Coder face, or per address without a session, in a minute; 0: no
   * limit.
   */
  readonly coderRateLimit: number;
  readonly graphql: GraphQLConfig;
  readonly dispatch: DispatchConfig;
  readonly live: LiveConfig;
  /** The Directus realtime socket; undefined: disabled. */
  readonly realtime: RealtimeConfig | undefined;
}

/** How the service stops. */
export interface StopConfig {
  /** How long everything is served after `/readyz` has become 503. */
  readonly drainMs: number;
  /** Maximum duration of the whole stop; longer than `drainMs`. */
  readonly timeoutMs: number;
}

/** Limits of a GraphQL document, and thereby of every request of the other faces. */
export interface GraphQLConfig {
  readonly introspection: boolean;
  /** File with the only documents that may run; undefined: any may. */
  readonly allowList: string | undefined;
  /** Maximum number of tokens in a document. */
  readonly tokenLimit: number;
  /** Maximum price of an operation: about the number of fields in its response. */
  readonly priceLimit: number;
  /** Maximum number of characters in a response. */
  readonly answerMax: number;
}

/** How changes reach followers. */
export interface LiveConfig {
  /** `memory`, `postgres`, or the URL of a Redis server. */
  readonly bus: string;
  /** Days for which tombstones are kept for returning followers. */
  readonly retentionDays: number;
  /** Maximum number of concurrent sockets and event streams of one user. */
  readonly connectionsPerUser: number;
  readonly subscriptionsPerConnection: number;
  /** Maximum number of sockets of one address before sign-in. */
  readonly unauthenticatedSocketsPerAddress: number;
  /** Milliseconds after which a peer that takes no data is disconnected. */
  readonly stalledMs: number;
}

/** Settings of the Directus realtime socket. */
export interface RealtimeConfig {
  readonly path: string;
  /**
   * Who may use it: clients that authenticate in the first message, anybody, or only clients that connect with a token.
   */
  readonly auth: 'handshake' | 'public' | 'strict';
  /** Milliseconds a client has to authenticate. */
  readonly authTimeoutMs: number;
  /** Maximum number of concurrent sockets; undefined: no limit. */
  readonly connectionLimit: number | undefined;
  /** Milliseconds between heartbeats; undefined: none. */
  readonly heartbeatMs: number | undefined;
}

/** How messages are sent. */
export interface DispatchConfig {
  /** Name of the service in messages, and its logo; undefined: none. */
  readonly appName: string;
  readonly logoUrl: string | undefined;
  /** The application that messages are about, to which their buttons lead; undefined: the service itself. */
  readonly appUrl: string | undefined;
  /** For templates without a method of their own. */
  readonly defaultMethod: 'smtp' | 'webhook';
  /** Whether messages are also delivered to the inbox. */
  readonly isInboxEnabled: boolean;
  /** Undefined: no e-mail is sent. */
  readonly smtp: SmtpConfig | undefined;
  /** Undefined: no webhook is called. */
  readonly webhook: { readonly endpoint: string; readonly secret: string | undefined } | undefined;
  /** Milliseconds between queries for messages that are due or were enqueued by other nodes. */
  readonly fetchIntervalMs: number;
  /** Maximum number of messages in one lease. */
  readonly leaseCount: number;
  /** Longer than `timeoutMs`. */
  readonly leasePeriodMs: number;
  /** Maximum duration of one attempt. */
  readonly timeoutMs: number;
  /** Maximum number of concurrent attempts per method. */
  readonly concurrency: number;
  readonly maxAttempts: number;
  /** Milliseconds to wait after the first failed attempt; doubles with each. */
  readonly retryIntervalMs: number;
  /** Milliseconds a message may wait to be sent, not counting pauses. */
  readonly messageTtlMs: number;
  /** Days for which a delivery is kept after its final status. */
  readonly retentionDays: number;
}

export interface SmtpConfig {
  /** `smtp://` or `smtps://`, with options of nodemailer as its query. */
  readonly url: string;
  readonly from: Mailbox;
  /** Overrides the password in the URL. */
  readonly passwordFile: string | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** Limits of one request. */
export interface Limits {
  /** Default number of rows; −1: all. */
  readonly queryDefault: number;
  /** Maximum number of rows in one query; undefined: no limit. */
  readonly queryMax: number | undefined;
  /** Maximum number of items in one write. */
  readonly batchMax: number;
  /** Maximum number of recipients of one message. */
  readonly recipientsMax: number;
  /** Maximum number of dots in a field path. */
  readonly relationalDepth: number;
  /** Maximum size of a request body in bytes. */
  readonly payloadBytes: number;
}

/** Thrown for an invalid environment; the message lists every fault, each with its variable before it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(faults: readonly string[]) {
    super(`Invalid environment:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/** Load balancers check every few seconds. */
const defaultDrainMs = 5_000;

/**
 * Reads the configuration from the environment.
 * @param isTerminal whether the service was started from a terminal: then a stop does not drain by default
 * @throws ConfigError naming every invalid variable.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  isTerminal: boolean = process.stdout.isTTY || process.stdin.isTTY,
): Config {
  // An empty variable, as common in `.env` files, counts as unset.
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
  const faults: string[] = [];
  const parsed = Environment.safeParse(withSecretFiles(set, faults));
  if (!parsed.success) faults.push(...faultsOf(parsed.error.issues));
  const drainMs = parsed.data?.DRAIN_MS ?? (isTerminal ? 0 : defaultDrainMs);
  if (parsed.success && parsed.data.STOP_TIMEOUT_MS <= drainMs) {
    faults.push(`STOP_TIMEOUT_MS: must be longer than DRAIN_MS, which is ${drainMs}`);
  }
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError([...faults, ...misspelt(environment).map(({ name, meant }) => nearText(name, meant))]);
  }
  const env = parsed.data;
  return {
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    database: {
      url: env.DATABASE_URL,
      poolSize: env.DATABASE_POOL_SIZE,
      timeoutMs: env.DATABASE_TIMEOUT_MS,
      hasSearchIndex: env.SEARCH_INDEX,
    },
    dataDir: env.DATA_DIR,
    startupTimeoutMs: env.STARTUP_TIMEOUT_MS,
    stop: { drainMs, timeoutMs: env.STOP_TIMEOUT_MS },
    admin: { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD, token: env.ADMIN_TOKEN },
    logLevel: env.LOG_LEVEL,
    limits: {
      queryDefault: env.QUERY_LIMIT_DEFAULT,
      queryMax: env.QUERY_LIMIT_MAX === -1 ? undefined : env.QUERY_LIMIT_MAX,
      batchMax: env.MAX_BATCH_MUTATION,
      recipientsMax: env.MAX_RECIPIENTS,
      relationalDepth: env.MAX_RELATIONAL_DEPTH,
      payloadBytes: env.MAX_PAYLOAD_SIZE,
    },
    unsentBytes: env.MAX_UNSENT_SIZE,
    cors: env.CORS_ORIGIN,
    metricsToken: env.METRICS_TOKEN,
    trustProxy: env.TRUST_PROXY,
    wrongTokenLimit: env.WRONG_TOKEN_LIMIT,
    coderRateLimit: env.CODER_RATE_LIMIT,
    graphql: {
      introspection: env.GRAPHQL_INTROSPECTION,
      allowList: env.GRAPHQL_ALLOW_LIST,
      tokenLimit: env.GRAPHQL_QUERY_TOKEN_LIMIT,
      priceLimit: env.GRAPHQL_PRICE_LIMIT,
      answerMax: env.MAX_ANSWER_SIZE,
    },
    dispatch: dispatchOf(env),
    live: {
      bus: env.EVENT_BUS ?? (env.DATABASE_URL === undefined ? 'memory' : 'postgres'),
      retentionDays: env.CHANGES_RETENTION_DAYS,
      connectionsPerUser: env.MAX_CONNECTIONS_PER_USER,
      subscriptionsPerConnection: env.MAX_SUBSCRIPTIONS_PER_CONNECTION,
      unauthenticatedSocketsPerAddress: env.MAX_ANONYMOUS_SOCKETS_PER_ADDRESS,
      stalledMs: env.STALLED_CONNECTION_MS,
    },
    realtime: env.WEBSOCKETS_ENABLED && env.WEBSOCKETS_REST_ENABLED ? realtimeOf(env) : undefined,
  };
}

function realtimeOf(env: Environment): RealtimeConfig {
  return {
    path: env.WEBSOCKETS_REST_PATH,
    auth: env.WEBSOCKETS_REST_AUTH,
    authTimeoutMs: 1000 * env.WEBSOCKETS_REST_AUTH_TIMEOUT,
    connectionLimit: env.WEBSOCKETS_REST_CONN_LIMIT,
    heartbeatMs: env.WEBSOCKETS_HEARTBEAT_ENABLED ? 1000 * env.WEBSOCKETS_HEARTBEAT_PERIOD : undefined,
  };
}

function dispatchOf(env: Environment): DispatchConfig {
  const { SMTP_URL: url, EMAIL_FROM: from, WEBHOOK_ENDPOINT: endpoint } = env;
  return {
    appName: env.APP_NAME,
    logoUrl: env.LOGO_URL,
    appUrl: env.APP_URL,
    defaultMethod: env.NOTIFICATIONS_METHOD,
    isInboxEnabled: env.INBOX_ENABLED,
    smtp:
      url === undefined || from === undefined
        ? undefined
        : {
            url,
            from,
            passwordFile: env.SMTP_PASSWORD_FILE,
            caFile: env.SMTP_TLS_CA_FILE,
            certFile: env.SMTP_TLS_CERT_FILE,
            keyFile: env.SMTP_TLS_KEY_FILE,
          },
    webhook: endpoint === undefined ? undefined : { endpoint, secret: env.WEBHOOK_SECRET },
    fetchIntervalMs: env.FETCH_INTERVAL_MS,
    leaseCount: env.LEASE_COUNT,
    leasePeriodMs: env.LEASE_PERIOD_MS,
    timeoutMs: env.DISPATCH_TIMEOUT_MS,
    concurrency: env.DISPATCH_CONCURRENCY,
    maxAttempts: env.MAX_SEND_ATTEMPTS,
    retryIntervalMs: env.RETRY_INTERVAL_MS,
    messageTtlMs: 60 * 60 * 1000 * env.MESSAGE_TTL_HOURS,
    retentionDays: env.DELIVERY_RETENTION_DAYS,
  };
}

/** How the command `tidings` reaches a running service. */
export interface ServiceAccess {
  readonly url: string;
  readonly token: string | undefined;
  /** A token of the service of this environment; to be sent to no other. */
  readonly localToken: string | undefined;
}

/** Reads how to reach the service. @throws ConfigError naming the variables that cannot be used. */
export function readServiceAccess(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ServiceAccess {
  const names: ReadonlySet<string> = new Set(Object.keys(Access.shape).flatMap((name) => [name, `${name}_FILE`]));
  // The files of other secrets may be unreadable for who uses the command.
  const set = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => names.has(name) && value?.trim() !== ''),
  );
  const faults: string[] = [];
  const { data, error } = Access.safeParse(withSecretFiles(set, faults));
  if (error !== undefined) faults.push(...faultsOf(error.issues));
  if (data === undefined || faults.length > 0) throw new ConfigError(faults);
  return {
    url: data.TIDINGS_URL ?? `http://127.0.0.1:${data.PORT}`,
    token: data.TIDINGS_TOKEN,
    localToken: data.TIDINGS_URL === undefined ? data.ADMIN_TOKEN : undefined,
  };
}

const Access = z
  .object(Environment.shape)
  .pick({ TIDINGS_URL: true, TIDINGS_TOKEN: true, PORT: true, ADMIN_TOKEN: true });

/** The names of all variables the service reads, without the files of secrets. */
export const variableNames: readonly string[] = Object.keys(Environment.shape);

/** The variables that are set and look like a misspelling of one that the service reads. */
export function misspelt(environment: Readonly<Record<string, string | undefined>> = process.env): readonly NearName[] {
  return findNearNames(environment, [...variableNames, ...secretNames.map((name) => `${name}_FILE`)]);
}

/** What is said of a misspelt variable. */
export const nearText = (name: string, meant: string) => `${name}: is not read; did you mean ${meant}?`;

/** The first fault of each variable. */
function faultsOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string[] {
  const faults = new Map<string, string>();
  for (const { path, message } of issues) {
    const name = path.join('.');
    if (!faults.has(name)) faults.set(name, `${name}: ${message}`);
  }
  return [...faults.values()];
}

/** The part of the environment passed to other programs: what they need to run, and no secret of the service. */
export function programEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const { PATH, LANG } = environment;
  return { ...(PATH !== undefined && { PATH }), ...(LANG !== undefined && { LANG }) };
}
