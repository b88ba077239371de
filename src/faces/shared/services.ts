import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Connections } from '../../auth/connections.ts';
import type { SignIn } from '../../auth/sign-in.ts';
import type { Authenticate } from '../../auth/token-guard.ts';
import type { TokenWatch } from '../../auth/token-watch.ts';
import type { Viewer } from '../../auth/viewer.ts';
import type { Config } from '../../config.ts';
import type { ErrorPresenter } from '../../operations/errors.ts';
import type { Operations } from '../../operations/operations.ts';
import type { GraphQLContext } from '../../schema/context.ts';
import type { Newcomers } from './newcomers.ts';
import type { Unsent } from './unsent.ts';

/** What the health of the service is judged by. */
export interface HealthChecks {
  /** Why the database cannot be worked with now, within two seconds; undefined when it can. */
  readonly checkDatabase: () => Promise<string | undefined>;
  /** Left out: there is no dispatcher that could be missed. */
  readonly isDispatching?: (() => boolean) | undefined;
  /** Left out: nothing is counted. */
  readonly renderMetrics?: (() => Promise<{ readonly contentType: string; readonly body: string }>) | undefined;
}

/** What the faces work with, made once by the composition root. */
export interface Services {
  readonly config: Config;
  readonly log: Logger;
  readonly operations: Operations;
  /** The context of one request, or of one operation on a socket. */
  readonly createContext: (viewer: Viewer) => GraphQLContext;
  readonly presentError: ErrorPresenter;
  readonly authenticate: Authenticate;
  /** Calls back when a token stops identifying its viewer. */
  readonly tokens: Pick<TokenWatch, 'watch'>;
  readonly signIn: Pick<SignIn, 'withToken' | 'withPassword'>;
  /** Counts the open connections of each user, over all faces. */
  readonly connections: Connections;
  /** Counts the sockets on which nobody has signed in, over all faces. */
  readonly newcomers: Newcomers;
  /** Counts what is made and not taken yet, over all faces. */
  readonly unsent: Unsent;
  /** The client's address, as far as proxies are trusted. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly health: HealthChecks;
}
