import { z } from 'zod';
import { trustIn } from './client-address.ts';
import { parseMailbox } from './mailbox.ts';

const positive = z.coerce.number().int().positive();
/** The longest delay of Node's timers. */
const maxTimerMs = 2 ** 31 - 1;
const timer = positive.max(maxTimerMs);
/** A duration of the Directus face, in seconds. */
const seconds = z.coerce.number().min(0.001).max(2_000_000);

const text = z.string().min(1);

/** A number of bytes. */
const size = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((given, context) => {
      const match = /^(\d+)\s*(b|kb|mb|gb)?$/i.exec(given.trim());
      if (match) return Number(match[1]) * 1024 ** ['b', 'kb', 'mb', 'gb'].indexOf((match[2] ?? 'b').toLowerCase());
      context.addIssue({ code: 'custom', message: 'must be a size such as 1mb, 512kb or 1048576' });
      return z.NEVER;
    });

/** The variables of the service with their defaults and the rules between them. `.env.example` explains each. */
export const Environment = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(8055),
    PUBLIC_URL: z.url().optional(),
    DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\//, { error: 'must start with postgresql://', abort: true })
      .refine(
        (address) => URL.canParse(address),
        'must be an address such as postgresql://user:password@host:5432/tidings, or postgresql://user:password@localhost/tidings?host=/folder for the socket in a folder',
      )
      .optional(),
    DATABASE_POOL_SIZE: positive.default(10),
    // The client waits 25 % longer, which must still be a valid timer.
    DATABASE_TIMEOUT_MS: positive.max(2 ** 30).default(120_000),
    SEARCH_INDEX: z.stringbool().default(true),
    DATA_DIR: z.string().min(1).default('./data'),
    STARTUP_TIMEOUT_MS: z.coerce.number().int().min(0).max(maxTimerMs).default(30_000),
    // The default depends on whether the service runs in a terminal.
    DRAIN_MS: z.coerce.number().int().min(0).max(maxTimerMs).optional(),
    STOP_TIMEOUT_MS: timer.default(10_000),
    ADMIN_EMAIL: z.email().optional(),
    ADMIN_PASSWORD: z.string().optional(),
    ADMIN_TOKEN: z.string().optional(),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    QUERY_LIMIT_DEFAULT: z.coerce.number().int().min(-1).default(100),
    QUERY_LIMIT_MAX: z.coerce
      .number()
      .int()
      .refine((rows) => rows === -1 || rows > 0, 'must be -1 or at least 1')
      .default(10_000),
    MAX_BATCH_MUTATION: positive.default(10_000),
    MAX_RECIPIENTS: positive.default(100_000),
    MAX_PAYLOAD_SIZE: size('1mb'),
    MAX_ANSWER_SIZE: size('64mb'),
    MAX_UNSENT_SIZE: size('256mb'),
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
    TRUST_PROXY: z
      .string()
      .default('')
      .transform((text, context) => {
        if (/^\d{1,2}$/.test(text)) return Number(text);
        const items = text.split(',').flatMap((item) => item.trim() || []);
        try {
          trustIn(items);
          return items;
        } catch {
          context.addIssue({
            code: 'custom',
            message: 'must be a number of proxies, or addresses with commas between them',
          });
          return z.NEVER;
        }
      }),
    WRONG_TOKEN_LIMIT: z.coerce.number().int().min(0).default(100),
    METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
    CODER_RATE_LIMIT: z.coerce.number().int().min(0).default(512),
    GRAPHQL_INTROSPECTION: z.stringbool().default(true),
    GRAPHQL_ALLOW_LIST: text.optional(),
    GRAPHQL_QUERY_TOKEN_LIMIT: positive.default(5000),
    GRAPHQL_PRICE_LIMIT: positive.default(500_000),
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
      .transform((text, context) => {
        const mailbox = parseMailbox(text);
        if (mailbox !== undefined) return mailbox;
        const message = 'must be an e-mail address, or a name with one: Tidings <no-reply@example.com>';
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      })
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
    LEASE_COUNT: positive.max(10_000).default(3000),
    LEASE_PERIOD_MS: timer.default(120_000),
    DISPATCH_TIMEOUT_MS: timer.default(60_000),
    DISPATCH_CONCURRENCY: positive.max(1000).default(50),
    MAX_SEND_ATTEMPTS: positive.max(1000).default(5),
    RETRY_INTERVAL_MS: timer.default(300_000),
    MESSAGE_TTL_HOURS: z.coerce.number().positive().max(876_000).default(72),
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
    MAX_ANONYMOUS_SOCKETS_PER_ADDRESS: positive.default(1000),
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
  // A message whose attempt outlives its lease is leased again and sent twice.
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

export type Environment = z.infer<typeof Environment>;
