import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Connections } from '../../auth/connections.ts';
import type { OidcRequests } from '../../auth/oidc/oidc-requests.ts';
import type { PasswordResets } from '../../auth/password-reset/password-resets.ts';
import type { AuthRequests } from '../../auth/sessions/auth-requests.ts';
import type { SignIn } from '../../auth/sign-in.ts';
import type { Authenticate } from '../../auth/token-guard.ts';
import type { TokenWatch } from '../../auth/token-watch.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Config } from '../../config.ts';
import type { Idempotency } from '../../idempotency/idempotency.ts';
import type { ErrorPresenter } from '../../operations/errors.ts';
import type { Operations } from '../../operations/operations.ts';
import type { CallerLimits } from '../../rate-limits/caller-limits.ts';
import type { CountRefusal } from '../../rate-limits/refusal-metrics.ts';
import type { GraphQLContext, PrismaMethods, RequestParts } from '../../schema/context.ts';
import type { Tracer } from '../../tracing.ts';
import type { UnauthenticatedSockets } from './unauthenticated-sockets.ts';
import type { Unsent } from './unsent.ts';

/** The checks behind the health endpoints. */
export interface HealthChecks {
  /** Returns within two seconds why the database is unusable; undefined if it is usable. */
  readonly checkDatabase: () => Promise<string | undefined>;
  /** Undefined: this process has no dispatcher. */
  readonly isDispatching?: (() => boolean) | undefined;
  /** Undefined: metrics are off. */
  readonly renderMetrics?: (() => Promise<{ readonly contentType: string; readonly body: string }>) | undefined;
}

/** The dependencies of the faces, created once by the composition root. */
export interface Services {
  readonly config: Config;
  readonly log: Logger;
  readonly operations: Operations;
  /** Creates the context of one request, or of one operation on a socket. */
  readonly createContext: (viewer: Viewer, of?: RequestParts) => GraphQLContext;
  readonly presentError: ErrorPresenter;
  readonly authenticate: Authenticate;
  /** Calls back when a token stops identifying its viewer. */
  readonly tokens: Pick<TokenWatch, 'watch'>;
  readonly signIn: Pick<SignIn, 'withToken'>;
  /** The public keys of minted tokens, as a JWK Set. */
  readonly publishKeys: () => Promise<{ readonly keys: readonly object[] }>;
  readonly auth: AuthRequests;
  readonly passwordResets: PasswordResets;
  /** Runs requests that carry a key at most once. */
  readonly idempotency: Idempotency<PrismaMethods>;
  /** Undefined: no identity provider is configured. */
  readonly oidc?: OidcRequests | undefined;
  /** Counts the open connections of each user, over all faces. */
  readonly connections: Connections;
  /** Counts the sockets without a signed-in user, over all faces. */
  readonly unauthenticatedSockets: UnauthenticatedSockets;
  /** Counts the bytes of unsent answers and messages, over all faces. */
  readonly unsent: Unsent;
  /** The client's address, from the headers of trusted proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** The limits of callers over all faces; undefined: all are off. */
  readonly callerLimits: CallerLimits | undefined;
  /** Counts a request that a limit refused. */
  readonly countRefusal: CountRefusal;
  readonly health: HealthChecks;
  /** Undefined: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  /** The metrics of this node. */
  readonly registry: Registry;
}
