import { z } from 'zod';
import type { Origins } from './cors.ts';

const positive = z.coerce.number().int().positive();
/** Node's timers hold no more milliseconds. */
const timer = positive.max(2 ** 31 - 1);
/** A time of the Directus face, which counts in seconds. */
const seconds = z.coerce.number().min(0.001).max(2_000_000);
/** `a@b` or `Name <a@b>`, on one line. */
const mailbox = /^(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s,;]+@[^<>@\s,;]+)$/;

const text = z.string().min(1);

const Environment = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(8055),
    PUBLIC_URL: z.url().optional(),
    DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must start with postgresql://')
      .optional(),
    DATABASE_POOL_SIZE: positive.default(10),
    DATA_DIR: z.string().min(1).default('./data'),
    ADMIN_EMAIL: z.email().optional(),
    ADMIN_PASSWORD: z.string().optional(),
    ADMIN_TOKEN: z.string().optional(),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    QUERY_LIMIT_DEFAULT: z.coerce.number().int().min(-1).default(100),
    QUERY_LIMIT_MAX: positive.optional(),
    MAX_BATCH_MUTATION: positive.optional(),
    MAX_PAYLOAD_SIZE: z
      .string()
      .default('1mb')
      .transform((text, context) => {
        const match = /^(\d+)\s*(b|kb|mb|gb)?$/i.exec(text.trim());
        if (match) return Number(match[1]) * 1024 ** ['b', 'kb', 'mb', 'gb'].indexOf((match[2] ?? 'b').toLowerCase());
        context.addIssue({ code: 'custom', message: 'must be a size such as 1mb, 512kb or 1048576' });
        return z.NEVER;
      }),
    MAX_RELATIONAL_DEPTH: z.coerce.number().int().min(2).default(10),
    CORS_ORIGIN: z
      .string()
      .default('false')
      .transform((text, context) => {
        const items = text.split(',').map((item) => item.trim());
        const [only = ''] = items;
        if (items.length === 1 && only === 'false') return [];
        if (items.length === 1 && ['*', 'true'].includes(only)) return 'any' as const;
        if (items.every((item) => URL.canParse(item) && new URL(item).origin === item)) return items;
        context.addIssue({ code: 'custom', message: 'must be *, or origins such as https://example.com, with commas' });
        return z.NEVER;
      }),
    CODER_RATE_LIMIT: z.coerce.number().int().min(0).default(512),
    GRAPHQL_INTROSPECTION: z.stringbool().default(true),
    GRAPHQL_QUERY_TOKEN_LIMIT: positive.default(5000),
    APP_NAME: text.default('Tidings'),
    LOGO_URL: z.url().optional(),
    NOTIFICATIONS_METHOD: z.enum(['smtp', 'webhook']).default('smtp'),
    INBOX_ENABLED: z.stringbool().default(true),
    SMTP_URL: z
      .string()
      .regex(/^smtps?:\/\/[^/?#]/, 'must be an address such as smtp://user:password@host:587')
      .refine((url) => URL.canParse(url), 'must be an address such as smtp://user:password@host:587')
      .optional(),
    SMTP_PASSWORD_FILE: text.optional(),
    SMTP_TLS_CA_FILE: text.optional(),
    SMTP_TLS_CERT_FILE: text.optional(),
    SMTP_TLS_KEY_FILE: text.optional(),
    EMAIL_FROM: z
      .string()
      .regex(mailbox, 'must be an e-mail address, or a name with one: Tidings <no-reply@example.com>')
      .optional(),
    WEBHOOK_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    WEBHOOK_SECRET: z
      .string()
      .regex(
        /^(whsec_)?(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
        'must be base64, after "whsec_" or alone',
      )
      .optional(),
    FETCH_INTERVAL_MS: timer.default(15_000),
    LEASE_COUNT: positive.max(10_000).default(500),
    LEASE_PERIOD_MS: timer.default(120_000),
    DISPATCH_TIMEOUT_MS: timer.default(60_000),
    DISPATCH_CONCURRENCY: positive.max(1000).default(50),
    MAX_SEND_ATTEMPTS: positive.max(1000).default(5),
    RETRY_INTERVAL_MS: timer.default(300_000),
    DELIVERY_RETENTION_DAYS: positive.max(36_500).default(7),
    EVENT_BUS: z
      .string()
      .regex(
        /^(memory|postgres|rediss?:\/\/[^/?#]+.*)$/,
        'must be memory, postgres or an address such as redis://host:6379',
      )
      .optional(),
    CHANGES_RETENTION_DAYS: positive.max(36_500).default(30),
    MAX_CONNECTIONS_PER_USER: positive.default(100),
    MAX_SUBSCRIPTIONS_PER_CONNECTION: positive.default(200),
    STALLED_CONNECTION_MS: timer.default(10_000),
    WEBSOCKETS_ENABLED: z.stringbool().default(true),
    WEBSOCKETS_REST_ENABLED: z.stringbool().default(true),
    WEBSOCKETS_REST_PATH: z
      .string()
      .regex(/^\/[^\s?#]*[^\s?#/]$/, 'must be a path such as /websocket')
      .default('/websocket'),
    WEBSOCKETS_REST_AUTH: z
      .string()
      .toLowerCase()
      .pipe(z.enum(['handshake', 'public', 'strict']))
      .default('handshake'),
    WEBSOCKETS_REST_AUTH_TIMEOUT: seconds.default(10),
    WEBSOCKETS_REST_CONN_LIMIT: positive.optional(),
    WEBSOCKETS_HEARTBEAT_ENABLED: z.stringbool().default(true),
    WEBSOCKETS_HEARTBEAT_PERIOD: seconds.default(30),
  })
  // A message that is being sent longer than its lease holds is leased again and sent twice.
  .refine((env) => env.DISPATCH_TIMEOUT_MS < env.LEASE_PERIOD_MS, {
    error: 'must be shorter than LEASE_PERIOD_MS',
    path: ['DISPATCH_TIMEOUT_MS'],
  })
  .refine((env) => env.SMTP_URL === undefined || env.EMAIL_FROM !== undefined, {
    error: 'must be set when SMTP_URL is',
    path: ['EMAIL_FROM'],
  })
  .refine((env) => (env.SMTP_TLS_CERT_FILE === undefined) === (env.SMTP_TLS_KEY_FILE === undefined), {
    error: 'is set with SMTP_TLS_CERT_FILE or not at all',
    path: ['SMTP_TLS_KEY_FILE'],
  });

/** How the service is run: read once at start, passed down, never changed. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where callers reach the service; unset: the address it listens on. */
  readonly publicUrl: string | undefined;
  readonly database: { readonly url: string | undefined; readonly poolSize: number };
  /** The folder of the embedded database. */
  readonly dataDir: string;
  /** The admin that the first start makes; what is missing is generated and printed once. */
  readonly admin: {
    readonly email: string | undefined;
    readonly password: string | undefined;
    readonly token: string | undefined;
  };
  readonly logLevel: string;
  readonly limits: Limits;
  readonly cors: Origins;
  /** Requests of one user to one endpoint of the Coder face in a minute; 0: no bound. */
  readonly coderRateLimit: number;
  readonly graphql: { readonly introspection: boolean; readonly tokenLimit: number };
  readonly dispatch: DispatchConfig;
  readonly live: LiveConfig;
  /** The Directus realtime socket; undefined: there is none. */
  readonly realtime: RealtimeConfig | undefined;
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
  readonly retentionDays: number;
}

export interface SmtpConfig {
  /** `smtp://` or `smtps://`, with the options of nodemailer as its query. */
  readonly url: string;
  /** `a@b` or `Name <a@b>`. */
  readonly from: string;
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
  /** Most rows of one query; undefined: no limit. */
  readonly queryMax: number | undefined;
  /** Most items of one write; undefined: no limit. */
  readonly batchMax: number | undefined;
  /** Most dots in a field path. */
  readonly relationalDepth: number;
  /** Largest request body in bytes. */
  readonly payloadBytes: number;
}

/** Raised when the environment cannot be used; the message lists every fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration from the environment.
 * @throws ConfigError naming every variable that is wrong.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  // A variable set to nothing, as `.env` files like to have them, counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The environment cannot be used:\n${faults.join('\n')}`);
  }
  const env = parsed.data;
  return {
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    database: { url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE },
    dataDir: env.DATA_DIR,
    admin: { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD, token: env.ADMIN_TOKEN },
    logLevel: env.LOG_LEVEL,
    limits: {
      queryDefault: env.QUERY_LIMIT_DEFAULT,
      queryMax: env.QUERY_LIMIT_MAX,
      batchMax: env.MAX_BATCH_MUTATION,
      relationalDepth: env.MAX_RELATIONAL_DEPTH,
      payloadBytes: env.MAX_PAYLOAD_SIZE,
    },
    cors: env.CORS_ORIGIN,
    coderRateLimit: env.CODER_RATE_LIMIT,
    graphql: { introspection: env.GRAPHQL_INTROSPECTION, tokenLimit: env.GRAPHQL_QUERY_TOKEN_LIMIT },
    dispatch: dispatchOf(env),
    live: {
      bus: env.EVENT_BUS ?? (env.DATABASE_URL === undefined ? 'memory' : 'postgres'),
      retentionDays: env.CHANGES_RETENTION_DAYS,
      connectionsPerUser: env.MAX_CONNECTIONS_PER_USER,
      subscriptionsPerConnection: env.MAX_SUBSCRIPTIONS_PER_CONNECTION,
      stalledMs: env.STALLED_CONNECTION_MS,
    },
    realtime: env.WEBSOCKETS_ENABLED && env.WEBSOCKETS_REST_ENABLED ? realtimeOf(env) : undefined,
  };
}

function realtimeOf(env: z.infer<typeof Environment>): RealtimeConfig {
  return {
    path: env.WEBSOCKETS_REST_PATH,
    auth: env.WEBSOCKETS_REST_AUTH,
    authTimeoutMs: 1000 * env.WEBSOCKETS_REST_AUTH_TIMEOUT,
    connectionLimit: env.WEBSOCKETS_REST_CONN_LIMIT,
    heartbeatMs: env.WEBSOCKETS_HEARTBEAT_ENABLED ? 1000 * env.WEBSOCKETS_HEARTBEAT_PERIOD : undefined,
  };
}

function dispatchOf(env: z.infer<typeof Environment>): DispatchConfig {
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
    retentionDays: env.DELIVERY_RETENTION_DAYS,
  };
}

/** The names of every variable the service reads. */
export const variableNames: readonly string[] = Object.keys(Environment.shape);
