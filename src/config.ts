import type { TrustedProxies } from './client-address.ts';
import { Environment } from './environment.ts';
import type { Mailbox } from './mailbox.ts';

/** The pages of other origins that may use the service: those of any, without cookies, or of these, with. */
export type Origins = 'any' | readonly string[];

/** How the service is run: read once at start, passed down, never changed. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where callers reach the service; unset: the address it listens on. */
  readonly publicUrl: string | undefined;
  readonly database: {
    readonly url: string | undefined;
    readonly poolSize: number;
    /** How long one statement may take. */
    readonly timeoutMs: number;
    /** Whether an index of texts is kept. */
    readonly hasSearchIndex: boolean;
  };
  /** The folder of the embedded database. */
  readonly dataDir: string;
  /** How long a start waits for the database and the bus, in milliseconds; 0: not at all. */
  readonly startupTimeoutMs: number;
  readonly stop: StopConfig;
  /** The admin that the first start makes; what is missing is generated and printed once. */
  readonly admin: {
    readonly email: string | undefined;
    readonly password: string | undefined;
    readonly token: string | undefined;
  };
  readonly logLevel: string;
  readonly limits: Limits;
  /** Most bytes of answers and messages that wait to be taken, of the whole process. */
  readonly unsentBytes: number;
  readonly cors: Origins;
  /** What whoever collects figures must show; undefined: nothing, from this machine. */
  readonly metricsToken: string | undefined;
  /** The proxies that are believed about where a request came from. */
  readonly trustProxy: TrustedProxies;
  /** Wrong tokens of one address in a minute; 0: no bound. */
  readonly wrongTokenLimit: number;
  /** Requests of one user to one endpoint of the Coder face, or of one address without a session, in a minute; 0: no bound. */
  readonly coderRateLimit: number;
  readonly graphql: GraphQLConfig;
  readonly dispatch: DispatchConfig;
  readonly live: LiveConfig;
  /** The Directus realtime socket; undefined: there is none. */
  readonly realtime: RealtimeConfig | undefined;
}

/** How the service stops. */
export interface StopConfig {
  /** How long everything is still served after `/readyz` has said that this node goes. */
  readonly drainMs: number;
  /** How long the whole stop may take; longer than `drainMs`. */
  readonly timeoutMs: number;
}

/** What a GraphQL document may ask for, and with it every request of the other faces. */
export interface GraphQLConfig {
  readonly introspection: boolean;
  /** The file with the only documents that callers may run; undefined: they may run any. */
  readonly allowList: string | undefined;
  /** Most tokens of one document. */
  readonly tokenLimit: number;
  /** Most that one operation may cost: about the number of fields in its answer. */
  readonly priceLimit: number;
  /** Most characters of one answer. */
  readonly answerMax: number;
}

/** How changes reach those who follow them. */
export interface LiveConfig {
  /** `memory`, `postgres`, or the address of a Redis. */
  readonly bus: string;
  /** How long a deletion is remembered for those who come back, in days. */
  readonly retentionDays: number;
  /** Most sockets and event streams of one user at one time. */
  readonly connectionsPerUser: number;
  readonly subscriptionsPerConnection: number;
  /** Most sockets of one address on which nobody has signed in. */
  readonly newcomersPerAddress: number;
  /** How long a peer may take nothing of what waits for it. */
  readonly stalledMs: number;
}

/** How the Directus realtime socket takes its clients. */
export interface RealtimeConfig {
  readonly path: string;
  /** Who may speak: whoever says first who they are, anybody, or only who came with a token. */
  readonly auth: 'handshake' | 'public' | 'strict';
  /** How long a client may take to say who it is. */
  readonly authTimeoutMs: number;
  /** Most sockets at a time; undefined: no limit. */
  readonly connectionLimit: number | undefined;
  /** How often a client must show that it is there; undefined: it need not. */
  readonly heartbeatMs: number | undefined;
}

/** How notifications get out. */
export interface DispatchConfig {
  /** What messages call the service, and its logo; undefined: none. */
  readonly appName: string;
  readonly logoUrl: string | undefined;
  /** For templates that have no method of their own. */
  readonly defaultMethod: 'smtp' | 'webhook';
  /** Whether what is sent goes to the inbox as well. */
  readonly isInboxEnabled: boolean;
  /** Undefined: no e-mail is sent. */
  readonly smtp: SmtpConfig | undefined;
  /** Undefined: no webhook is called. */
  readonly webhook: { readonly endpoint: string; readonly secret: string | undefined } | undefined;
  /** How often to look for what is due and was enqueued elsewhere. */
  readonly fetchIntervalMs: number;
  /** Most messages of one lease. */
  readonly leaseCount: number;
  /** Longer than `timeoutMs`. */
  readonly leasePeriodMs: number;
  /** How long one attempt may take. */
  readonly timeoutMs: number;
  /** Most messages under way at one time, for each method. */
  readonly concurrency: number;
  readonly maxAttempts: number;
  /** The wait after the first failed attempt; it grows with each. */
  readonly retryIntervalMs: number;
  /** How long a message may wait to be sent, pauses not counted. */
  readonly messageTtlMs: number;
  /** How long a delivery is kept after it got its final status. */
  readonly retentionDays: number;
}

export interface SmtpConfig {
  /** `smtp://` or `smtps://`, with the options of nodemailer as its query. */
  readonly url: string;
  readonly from: Mailbox;
  /** Beats the password of the address. */
  readonly passwordFile: string | undefined;
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

/** What one request may ask for. */
export interface Limits {
  /** Rows when no `limit` is given; −1: all. */
  readonly queryDefault: number;
  /** Most rows that one query reads; undefined: no limit. */
  readonly queryMax: number | undefined;
  /** Most items of one write. */
  readonly batchMax: number;
  /** Most recipients of one message. */
  readonly recipientsMax: number;
  /** Most dots in a field path. */
  readonly relationalDepth: number;
  /** Largest request body in bytes. */
  readonly payloadBytes: number;
}

/** Raised when the environment cannot be used; the message lists every fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Load balancers look every few seconds. */
const defaultDrainMs = 5_000;

/**
 * Reads the configuration from the environment.
 * @param isTerminal whether somebody runs the service by hand: a stop then serves no longer, unless it is told to
 * @throws ConfigError naming every variable that is wrong.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  isTerminal: boolean = process.stdout.isTTY || process.stdin.isTTY,
): Config {
  // A variable set to nothing, as `.env` files like to have them, counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The environment cannot be used:\n${faults.join('\n')}`);
  }
  const env = parsed.data;
  const drainMs = env.DRAIN_MS ?? (isTerminal ? 0 : defaultDrainMs);
  if (env.STOP_TIMEOUT_MS <= drainMs) {
    throw new ConfigError(
      `The environment cannot be used:\n  STOP_TIMEOUT_MS: must be longer than DRAIN_MS, which is ${drainMs}`,
    );
  }
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
      newcomersPerAddress: env.MAX_ANONYMOUS_SOCKETS_PER_ADDRESS,
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

/** The names of every variable the service reads. */
export const variableNames: readonly string[] = Object.keys(Environment.shape);

/** What of the environment other programs are started with: what they need to run, and no secret of the service. */
export function programEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const { PATH, LANG } = environment;
  return { ...(PATH !== undefined && { PATH }), ...(LANG !== undefined && { LANG }) };
}
