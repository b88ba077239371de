import type { TrustedProxies } from './client-address.ts';
import type { Environment } from './environment.ts';
import type { Mailbox } from './mailbox.ts';
import type { Role } from './roles.ts';
import type { Scope } from './scopes.ts';

/** Allowed origins: any without cookies, or these with cookies. */
export type Origins = 'any' | readonly string[];

/** The configuration: read once at start, passed down, never changed. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Public URL of the service; undefined: the address it listens on. */
  readonly publicUrl: string | undefined;
  /** Whether the inbox and the preferences are served as pages. */
  readonly servesPages: boolean;
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
  /**
   * Encrypts the secrets in the database, and signs access tokens of sign-ins; undefined: secrets are stored
   * unencrypted, and the database has the key that signs access tokens.
   */
  readonly secret: string | undefined;
  /** An issuer whose signed tokens are accepted in addition to those in the database; undefined: none. */
  readonly issuer: IssuerConfig | undefined;
  /** The admin created by the first start; missing values are generated and printed once. */
  readonly admin: {
    readonly email: string | undefined;
    readonly password: string | undefined;
    readonly token: string | undefined;
  };
  readonly logLevel: string;
  readonly signIn: SignInConfig;
  /** Undefined: nobody signs in with OpenID Connect. */
  readonly oidc: OidcConfig | undefined;
  readonly limits: Limits;
  /** Maximum number of unsent bytes of responses and messages in the process. */
  readonly unsentBytes: number;
  /** How long the answer to a request with an idempotency key is stored. */
  readonly idempotencyHours: number;
  /** Days after which notifications are deleted; undefined: never. */
  readonly notificationRetentionDays: number | undefined;
  readonly cors: Origins;
  /** Token required for metrics; undefined: requests from this machine need no token. */
  readonly metricsToken: string | undefined;
  /** Proxies whose forwarding headers are trusted. */
  readonly trustProxy: TrustedProxies;
  /** Maximum unknown tokens per address and minute; 0: no limit. */
  readonly wrongTokenLimit: number;
  readonly rateLimits: RateLimitConfig;
  readonly overload: OverloadConfig;
  readonly graphql: GraphQLConfig;
  readonly dispatch: DispatchConfig;
  readonly live: LiveConfig;
  /** Where spans are sent; undefined: nowhere. */
  readonly telemetry: TelemetryConfig | undefined;
  /** The Directus realtime socket; undefined: disabled. */
  readonly realtime: RealtimeConfig | undefined;
}

/** The limits of callers, per minute; 0: no limit. A plain request costs one point. */
export interface RateLimitConfig {
  /** Points of a signed-in user over all faces. */
  readonly userPerMinute: number;
  /** Points of an address without a signed-in user over all faces. */
  readonly anonymousPerMinute: number;
  /** Requests per user and endpoint of the Coder face, or per address without a session. */
  readonly coderPerMinute: number;
}

/** Beyond which load new requests are refused; 0: no bound. */
export interface OverloadConfig {
  /** Requests that are not answered yet. */
  readonly waitingRequests: number;
  readonly eventLoopDelayMs: number;
}

/** Sign-in with a password. Durations are in milliseconds. */
export interface SignInConfig {
  readonly accessTtlMs: number;
  readonly refreshTtlMs: number;
  /** How long a sign-in of the mode `session` and its cookie are valid. */
  readonly sessionTtlMs: number;
  /** How long the previous token stays valid after a refresh in the mode `session`. */
  readonly graceMs: number;
  readonly refreshCookie: CookieConfig;
  readonly sessionCookie: CookieConfig;
  /** Addresses that the link of a password reset may lead to. */
  readonly resetUrls: readonly string[];
}

/** Sign-in with OpenID Connect: the client at the provider, and what it means here. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  /** The claim that decides the role; undefined: roles are not changed. */
  readonly roleClaim: string | undefined;
  /** Values of that claim, and the role of each. */
  readonly roleMap: ReadonlyMap<string, Role>;
  /** Whether unknown users are created. */
  readonly createsUsers: boolean;
  /** Whether a verified e-mail address finds a user who has not signed in this way before. */
  readonly linksByEmail: boolean;
  /** Addresses of other hosts that a browser may be sent to afterwards. */
  readonly redirects: readonly string[];
}

export interface CookieConfig {
  readonly name: string;
  /** Undefined: if the service is reached over TLS. */
  readonly secure: boolean | undefined;
  readonly sameSite: 'lax' | 'strict' | 'none';
  readonly domain: string | undefined;
}

/** How spans are sampled and exported, in the words of OpenTelemetry's variables. */
export interface TelemetryConfig {
  /** Where batches of spans are posted to. */
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  /** Headers of each post, as in `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly headers: string | undefined;
  readonly serviceName: string;
  readonly sampler: Environment['OTEL_TRACES_SAMPLER'];
  /** The share of traces that samplers by ratio keep. */
  readonly ratio: number;
}

/** An issuer of signed tokens, and how its tokens are read; see `Issuer`. */
export interface IssuerConfig {
  readonly issuer: string;
  readonly jwks_url: string | null;
  readonly secret: string | null;
  readonly audience: readonly string[];
  /** Seconds. */
  readonly clock_skew: number;
  readonly user_claim: string;
  readonly user_key: 'id' | 'external_id' | 'email';
  readonly name_claim: string;
  readonly email_claim: string;
  readonly role_claim: string | null;
  readonly scopes: readonly Scope[];
  readonly creates_users: boolean;
}

/** How the service stops. */
export interface StopConfig {
  /** Milliseconds for which requests are still served after `/readyz` has become 503. */
  readonly drainMs: number;
  /** Maximum duration of the whole stop; longer than `drainMs`. */
  readonly timeoutMs: number;
}

/** Limits of a GraphQL document, and thereby of every request of the other faces. */
export interface GraphQLConfig {
  readonly introspection: boolean;
  /** File that lists the documents that may run; undefined: any document may run. */
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
  /** Milliseconds after which a peer that accepts no data is disconnected. */
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
  /** The application that the buttons of messages link to; undefined: the service itself. */
  readonly appUrl: string | undefined;
  /** For templates without a method of their own. */
  readonly defaultMethod: 'smtp' | 'webhook';
  /** Whether messages are also delivered to the inbox. */
  readonly isInboxEnabled: boolean;
  /** Whether e-mails lead to the pages of the inbox and the preferences. */
  readonly hasPages: boolean;
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
