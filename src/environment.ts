import { z } from 'zod';
import { createTrust } from './client-address.ts';
import { parseMailbox } from './mailbox.ts';
import { roles } from './roles.ts';
import { scopes } from './scopes.ts';
import { address, decimal, duration, flag, maxTimerMs, oneOf, size, timer, whole } from './variable-types.ts';

const positive = whole(1);
/** The highest limit per minute. */
const maxRate = 1_000_000_000;
/** A duration of the Directus face, in seconds. */
const seconds = decimal(0.001, 2_000_000);
const text = z.string().min(1);
/** Texts with commas between them. */
const list = z.string().transform((given) => given.split(',').flatMap((item) => item.trim() || []));

/** Addresses of pages, with commas between them. */
const addresses = (example: string) =>
  list.default([]).refine((urls) => urls.every((url) => /^https?:/.test(url) && URL.canParse(url)), {
    error: `must be addresses such as ${example}, with commas between them`,
  });

/** Pairs such as `group=role`, with commas between them. */
const roleMap = list.transform((pairs, context) => {
  const mapped = pairs.map((pair) => {
    const at = pair.lastIndexOf('=');
    return [pair.slice(0, at).trim(), roles.find((role) => role === pair.slice(at + 1).trim())] as const;
  });
  const known = mapped.flatMap(([value, role]) => (value === '' || role === undefined ? [] : [[value, role] as const]));
  if (known.length === mapped.length) return known;
  const message = `must be pairs such as staff=reader, with commas between them; the roles are ${roles.join(', ')}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const cookieName = z.string().regex(/^[\w.-]{1,64}$/, 'must be a name of letters, digits and . _ -');
const cookieDomain = z.string().regex(/^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i, 'must be a domain such as example.com');
const sameSite = z
  .string()
  .toLowerCase()
  .pipe(oneOf('lax', 'strict', 'none'));

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Secrets travel to the issuer, so only the machine itself is reached without TLS. */
function isSafeIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return true;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** The variables of the service with their defaults and the rules between them. `.env.example` explains each. */
export const Environment = z
  .object({
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: whole(0, 65_535).default(8055),
    PUBLIC_URL: address('https://tidings.example.com').optional(),
    SERVE_PAGES: flag().default(true),
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
    DATABASE_TIMEOUT_MS: whole(1, 2 ** 30).default(120_000),
    SEARCH_INDEX: flag().default(true),
    DATA_DIR: z.string().min(1).default('./data'),
    STARTUP_TIMEOUT_MS: whole(0, maxTimerMs).default(30_000),
    // The default depends on whether the service runs in a terminal.
    DRAIN_MS: whole(0, maxTimerMs).optional(),
    STOP_TIMEOUT_MS: timer().default(10_000),
    SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
    JWT_ISSUER: text
      .max(255)
      .refine((issuer) => !['tidings', 'directus'].includes(issuer), 'is reserved for the service itself')
      .optional(),
    JWT_JWKS_URL: address('https://login.example.com/.well-known/jwks.json', /^https?$/).optional(),
    JWT_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
    JWT_AUDIENCE: list.optional(),
    JWT_CLOCK_SKEW: whole(0, 300).default(30),
    JWT_USER_CLAIM: text.default('sub'),
    JWT_USER_KEY: oneOf('id', 'external_id', 'email').default('external_id'),
    JWT_NAME_CLAIM: text.default('name'),
    JWT_EMAIL_CLAIM: text.default('email'),
    JWT_ROLE_CLAIM: text.optional(),
    JWT_SCOPES: list
      .default(['inbox', 'preferences'])
      .pipe(z.array(z.enum(scopes, { error: `must be some of ${scopes.join(', ')}, with commas between them` }))),
    JWT_CREATE_USERS: flag().default(false),
    OIDC_ISSUER: address('https://login.example.com', /^https?$/)
      .max(255)
      .refine(isSafeIssuer, 'must be an https address; http is only for this machine')
      .optional(),
    OIDC_CLIENT_ID: text.optional(),
    OIDC_CLIENT_SECRET: text.optional(),
    OIDC_SCOPES: list
      .default(['openid', 'email', 'profile'])
      .refine((names) => names.includes('openid'), 'must contain openid'),
    OIDC_ROLE_CLAIM: text.optional(),
    OIDC_ROLE_MAP: roleMap.default([]),
    OIDC_ALLOW_SIGN_UP: flag().default(false),
    OIDC_LINK_BY_EMAIL: flag().default(false),
    OIDC_REDIRECT_ALLOW_LIST: addresses('https://app.example.com/signed-in'),
    ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
    ADMIN_PASSWORD: z.string().optional(),
    ADMIN_TOKEN: z.string().optional(),
    LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
    QUERY_LIMIT_DEFAULT: whole(-1).default(100),
    QUERY_LIMIT_MAX: whole(-1)
      .refine((rows) => rows !== 0, 'must be -1, or a whole number of at least 1')
      .default(10_000),
    MAX_BATCH_MUTATION: positive.default(10_000),
    MAX_RECIPIENTS: positive.default(100_000),
    MAX_PAYLOAD_SIZE: size('1mb'),
    MAX_ANSWER_SIZE: size('64mb'),
    MAX_UNSENT_SIZE: size('256mb'),
    IDEMPOTENCY_HOURS: decimal(0.001, 876_000).default(24),
    MAX_RELATIONAL_DEPTH: whole(2).default(10),
    CORS_ORIGIN: z
      .string()
      .default('false')
      .transform((text, context) => {
        const items = text.split(',').map((item) => item.trim());
        const [only = ''] = items;
        if (items.length === 1 && only === 'false') return [];
        if (items.length === 1 && ['*', 'true'].includes(only)) return 'any' as const;
        if (items.every((item) => URL.canParse(item) && new URL(item).origin === item)) return items;
        context.addIssue({
          code: 'custom',
          message: 'must be * or origins such as https://example.com, separated by commas',
        });
        return z.NEVER;
      }),
    TRUST_PROXY: z
      .string()
      .default('')
      .transform((text, context) => {
        if (/^\d{1,2}$/.test(text)) return Number(text);
        const items = text.split(',').flatMap((item) => item.trim() || []);
        try {
          createTrust(items);
          return items;
        } catch {
          context.addIssue({
            code: 'custom',
            message: 'must be a number of proxies, or addresses separated by commas',
          });
          return z.NEVER;
        }
      }),
    WRONG_TOKEN_LIMIT: whole(0).default(100),
    ACCESS_TOKEN_TTL: duration('15m'),
    REFRESH_TOKEN_TTL: duration('7d'),
    SESSION_COOKIE_TTL: duration('1d'),
    SESSION_REFRESH_GRACE_PERIOD: duration('10s'),
    REFRESH_TOKEN_COOKIE_NAME: cookieName.default('directus_refresh_token'),
    REFRESH_TOKEN_COOKIE_SECURE: flag().optional(),
    REFRESH_TOKEN_COOKIE_SAME_SITE: sameSite.default('lax'),
    REFRESH_TOKEN_COOKIE_DOMAIN: cookieDomain.optional(),
    SESSION_COOKIE_NAME: cookieName.default('directus_session_token'),
    SESSION_COOKIE_SECURE: flag().optional(),
    SESSION_COOKIE_SAME_SITE: sameSite.default('lax'),
    SESSION_COOKIE_DOMAIN: cookieDomain.optional(),
    PASSWORD_RESET_URL_ALLOW_LIST: addresses('https://app.example.com/reset-password'),
    METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
    USER_RATE_LIMIT: whole(0, maxRate).default(0),
    ANONYMOUS_RATE_LIMIT: whole(0, maxRate).default(6000),
    CODER_RATE_LIMIT: whole(0, maxRate).default(512),
    MAX_WAITING_REQUESTS: whole(0).default(5000),
    MAX_EVENT_LOOP_DELAY_MS: whole(0, maxTimerMs).default(1000),
    GRAPHQL_INTROSPECTION: flag().default(true),
    GRAPHQL_ALLOW_LIST: text.optional(),
    GRAPHQL_QUERY_TOKEN_LIMIT: positive.default(5000),
    GRAPHQL_PRICE_LIMIT: positive.default(500_000),
    APP_NAME: text.default('Tidings'),
    APP_URL: address('https://app.example.com').optional(),
    LOGO_URL: address('https://example.com/logo.png').optional(),
    NOTIFICATIONS_METHOD: oneOf('smtp', 'webhook').default('smtp'),
    INBOX_ENABLED: flag().default(true),
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
    WEBHOOK_ENDPOINT: address('https://example.com/hook', /^https?$/).optional(),
    WEBHOOK_SECRET: z
      .string()
      .regex(
        /^(whsec_)?(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
        'must be base64, optionally after "whsec_"',
      )
      .optional(),
    FETCH_INTERVAL_MS: timer().default(15_000),
    LEASE_COUNT: whole(1, 10_000).default(3000),
    LEASE_PERIOD_MS: timer().default(120_000),
    DISPATCH_TIMEOUT_MS: timer().default(60_000),
    DISPATCH_CONCURRENCY: whole(1, 1000).default(50),
    MAX_SEND_ATTEMPTS: whole(1, 1000).default(5),
    RETRY_INTERVAL_MS: timer().default(300_000),
    MESSAGE_TTL_HOURS: decimal(0.001, 876_000).default(72),
    DELIVERY_RETENTION_DAYS: whole(1, 36_500).default(7),
    EVENT_BUS: z
      .string()
      .regex(
        /^(memory|postgres|rediss?:\/\/[^/?#]+.*)$/,
        'must be memory, postgres or an address such as redis://host:6379',
      )
      .optional(),
    CHANGES_RETENTION_DAYS: whole(1, 36_500).default(30),
    NOTIFICATION_RETENTION_DAYS: whole(1, 36_500).optional(),
    MAX_CONNECTIONS_PER_USER: positive.default(100),
    MAX_SUBSCRIPTIONS_PER_CONNECTION: positive.default(200),
    MAX_ANONYMOUS_SOCKETS_PER_ADDRESS: positive.default(1000),
    STALLED_CONNECTION_MS: timer().default(10_000),
    WEBSOCKETS_ENABLED: flag().default(true),
    WEBSOCKETS_REST_ENABLED: flag().default(true),
    WEBSOCKETS_REST_PATH: z
      .string()
      .regex(/^\/[^\s?#]*[^\s?#/]$/, 'must be a path such as /websocket')
      .default('/websocket'),
    WEBSOCKETS_REST_AUTH: z
      .string()
      .toLowerCase()
      .pipe(oneOf('handshake', 'public', 'strict'))
      .default('handshake'),
    WEBSOCKETS_REST_AUTH_TIMEOUT: seconds.default(10),
    WEBSOCKETS_REST_CONN_LIMIT: positive.optional(),
    WEBSOCKETS_HEARTBEAT_ENABLED: flag().default(true),
    WEBSOCKETS_HEARTBEAT_PERIOD: seconds.default(30),
    OTEL_EXPORTER_OTLP_ENDPOINT: address('http://localhost:4318', /^https?$/).optional(),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address('http://localhost:4318/v1/traces', /^https?$/).optional(),
    OTEL_EXPORTER_OTLP_PROTOCOL: oneOf('http/protobuf', 'http/json').default('http/protobuf'),
    OTEL_EXPORTER_OTLP_HEADERS: text.optional(),
    OTEL_SERVICE_NAME: text.default('tidings'),
    OTEL_TRACES_SAMPLER: oneOf(...samplers).default('parentbased_traceidratio'),
    OTEL_TRACES_SAMPLER_ARG: decimal(0, 1).default(0.02),
    OTEL_TRACES_EXPORTER: oneOf('otlp', 'none').default('otlp'),
    OTEL_SDK_DISABLED: flag().default(false),
    // For the command `tidings` only.
    TIDINGS_URL: address('https://tidings.example.com').optional(),
    TIDINGS_TOKEN: text.optional(),
  })
  // A message whose attempt outlives its lease is leased again and sent twice.
  .refine((env) => env.DISPATCH_TIMEOUT_MS < env.LEASE_PERIOD_MS, {
    error: 'must be shorter than LEASE_PERIOD_MS',
    path: ['DISPATCH_TIMEOUT_MS'],
  })
  .refine((env) => env.JWT_ISSUER === undefined || (env.JWT_AUDIENCE ?? []).length > 0, {
    error: 'must be set when JWT_ISSUER is',
    path: ['JWT_AUDIENCE'],
  })
  .refine(
    (env) => env.JWT_ISSUER === undefined || (env.JWT_JWKS_URL === undefined) !== (env.JWT_SECRET === undefined),
    {
      error: 'must be set when JWT_ISSUER is, unless JWT_SECRET is set instead',
      path: ['JWT_JWKS_URL'],
    },
  )
  .refine((env) => env.OIDC_ISSUER === undefined || env.OIDC_CLIENT_ID !== undefined, {
    error: 'must be set when OIDC_ISSUER is',
    path: ['OIDC_CLIENT_ID'],
  })
  .refine((env) => env.OIDC_ROLE_CLAIM === undefined || env.OIDC_ROLE_MAP.length > 0, {
    error: 'must be set when OIDC_ROLE_CLAIM is',
    path: ['OIDC_ROLE_MAP'],
  })
  .refine((env) => env.SMTP_URL === undefined || env.EMAIL_FROM !== undefined, {
    error: 'must be set when SMTP_URL is',
    path: ['EMAIL_FROM'],
  })
  .refine((env) => (env.SMTP_TLS_CERT_FILE === undefined) === (env.SMTP_TLS_KEY_FILE === undefined), {
    error: 'must be set if SMTP_TLS_CERT_FILE is set, and only then',
    path: ['SMTP_TLS_KEY_FILE'],
  });

export type Environment = z.infer<typeof Environment>;
