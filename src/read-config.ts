import type {
  Config,
  DispatchConfig,
  IssuerConfig,
  OidcConfig,
  RealtimeConfig,
  SignInConfig,
  TelemetryConfig,
} from './config.ts';
import { Environment } from './environment.ts';
import { ConfigError, faultsOf, misspelt, nearText } from './environment-faults.ts';
import { withSecretFiles } from './secret-files.ts';

/** Long enough for load balancers, which check readiness every few seconds, to stop sending requests. */
const defaultDrainMs = 5_000;

/**
 * Reads the configuration from the environment.
 * @param isTerminal whether the service was started from a terminal; if so, DRAIN_MS defaults to 0
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
    servesPages: env.SERVE_PAGES,
    database: {
      url: env.DATABASE_URL,
      poolSize: env.DATABASE_POOL_SIZE,
      timeoutMs: env.DATABASE_TIMEOUT_MS,
      hasSearchIndex: env.SEARCH_INDEX,
    },
    dataDir: env.DATA_DIR,
    startupTimeoutMs: env.STARTUP_TIMEOUT_MS,
    stop: { drainMs, timeoutMs: env.STOP_TIMEOUT_MS },
    secret: env.SECRET,
    issuer: issuerOf(env),
    admin: { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD, token: env.ADMIN_TOKEN },
    logLevel: env.LOG_LEVEL,
    signIn: signInOf(env),
    oidc: oidcOf(env),
    limits: {
      queryDefault: env.QUERY_LIMIT_DEFAULT,
      queryMax: env.QUERY_LIMIT_MAX === -1 ? undefined : env.QUERY_LIMIT_MAX,
      batchMax: env.MAX_BATCH_MUTATION,
      recipientsMax: env.MAX_RECIPIENTS,
      relationalDepth: env.MAX_RELATIONAL_DEPTH,
      payloadBytes: env.MAX_PAYLOAD_SIZE,
    },
    unsentBytes: env.MAX_UNSENT_SIZE,
    idempotencyHours: env.IDEMPOTENCY_HOURS,
    notificationRetentionDays: env.NOTIFICATION_RETENTION_DAYS,
    cors: env.CORS_ORIGIN,
    metricsToken: env.METRICS_TOKEN,
    trustProxy: env.TRUST_PROXY,
    wrongTokenLimit: env.WRONG_TOKEN_LIMIT,
    rateLimits: {
      userPerMinute: env.USER_RATE_LIMIT,
      anonymousPerMinute: env.ANONYMOUS_RATE_LIMIT,
      coderPerMinute: env.CODER_RATE_LIMIT,
    },
    overload: { waitingRequests: env.MAX_WAITING_REQUESTS, eventLoopDelayMs: env.MAX_EVENT_LOOP_DELAY_MS },
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
    telemetry: telemetryOf(env),
    realtime: env.WEBSOCKETS_ENABLED && env.WEBSOCKETS_REST_ENABLED ? realtimeOf(env) : undefined,
  };
}

function signInOf(env: Environment): SignInConfig {
  return {
    accessTtlMs: env.ACCESS_TOKEN_TTL,
    refreshTtlMs: env.REFRESH_TOKEN_TTL,
    sessionTtlMs: env.SESSION_COOKIE_TTL,
    graceMs: env.SESSION_REFRESH_GRACE_PERIOD,
    refreshCookie: {
      name: env.REFRESH_TOKEN_COOKIE_NAME,
      secure: env.REFRESH_TOKEN_COOKIE_SECURE,
      sameSite: env.REFRESH_TOKEN_COOKIE_SAME_SITE,
      domain: env.REFRESH_TOKEN_COOKIE_DOMAIN,
    },
    sessionCookie: {
      name: env.SESSION_COOKIE_NAME,
      secure: env.SESSION_COOKIE_SECURE,
      sameSite: env.SESSION_COOKIE_SAME_SITE,
      domain: env.SESSION_COOKIE_DOMAIN,
    },
    resetUrls: env.PASSWORD_RESET_URL_ALLOW_LIST,
  };
}

function oidcOf(env: Environment): OidcConfig | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId } = env;
  if (issuer === undefined || clientId === undefined) return undefined;
  return {
    issuer,
    clientId,
    clientSecret: env.OIDC_CLIENT_SECRET,
    scopes: env.OIDC_SCOPES,
    roleClaim: env.OIDC_ROLE_CLAIM,
    roleMap: new Map(env.OIDC_ROLE_MAP),
    createsUsers: env.OIDC_ALLOW_SIGN_UP,
    linksByEmail: env.OIDC_LINK_BY_EMAIL,
    redirects: env.OIDC_REDIRECT_ALLOW_LIST,
  };
}

function telemetryOf(env: Environment): TelemetryConfig | undefined {
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (endpoint && `${endpoint.replace(/\/+$/, '')}/v1/traces`);
  if (url === undefined || env.OTEL_SDK_DISABLED || env.OTEL_TRACES_EXPORTER === 'none') return undefined;
  return {
    url,
    protocol: env.OTEL_EXPORTER_OTLP_PROTOCOL,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: env.OTEL_SERVICE_NAME,
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
  };
}

function issuerOf(env: Environment): IssuerConfig | undefined {
  if (env.JWT_ISSUER === undefined) return undefined;
  return {
    issuer: env.JWT_ISSUER,
    jwks_url: env.JWT_JWKS_URL ?? null,
    secret: env.JWT_SECRET ?? null,
    audience: env.JWT_AUDIENCE ?? [],
    clock_skew: env.JWT_CLOCK_SKEW,
    user_claim: env.JWT_USER_CLAIM,
    user_key: env.JWT_USER_KEY,
    name_claim: env.JWT_NAME_CLAIM,
    email_claim: env.JWT_EMAIL_CLAIM,
    role_claim: env.JWT_ROLE_CLAIM ?? null,
    scopes: env.JWT_SCOPES,
    creates_users: env.JWT_CREATE_USERS,
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
    hasPages: env.SERVE_PAGES,
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
