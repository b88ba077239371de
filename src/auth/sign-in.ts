import { addressKey } from '../client-address.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { invalidCredentials } from '../errors.ts';
import type { User } from '../generated/prisma/client.ts';
import { isStorable } from '../values.ts';
import { accountOf, type PasswordGate } from './password-gate.ts';
import { isPassword } from './passwords.ts';
import type { Authenticate } from './token-guard.ts';
import type { TokenWatch } from './token-watch.ts';
import { toRole, type UserViewer, userViewer, type Viewer } from './viewer.ts';

/** A viewer signed in to a connection, as long as the credentials are valid. */
export interface SignedIn {
  readonly viewer: Viewer;
  /**
   * Calls `onRevoked` once when the credentials stop identifying the viewer. Returns a function that ends the watch.
   */
  readonly watch: (onRevoked: () => void) => () => void;
}

/** A user whose password was right. */
export interface PasswordOwner {
  readonly viewer: UserViewer;
  /** The hash that was checked. */
  readonly passwordHash: string;
}

/** Checks tokens and passwords. */
export interface SignIn {
  /** @throws like `Authenticate`. */
  withToken(token: string, address: string): Promise<SignedIn>;
  /**
   * @throws ServiceError INVALID_CREDENTIALS in the same words for an unknown e-mail, a wrong password and an inactive
   * user, delayed more with each failure; REQUESTS_EXCEEDED when too many attempts are pending; the reason of the
   * signal.
   */
  withPassword(email: string, password: string, attempt: PasswordAttempt): Promise<PasswordOwner>;
}

/** Context of a password attempt. */
export interface PasswordAttempt {
  /** The client's address. */
  readonly address: string;
  /** Aborted when the client has left. */
  readonly signal?: AbortSignal | undefined;
}

/** The columns of a user that are needed to check a password. */
const select = { id: true, role: true, status: true, password_hash: true } as const;
type Found = Pick<User, keyof typeof select>;

export function createSignIn({
  prisma,
  authenticate,
  tokens,
  gate,
}: {
  readonly prisma: Pick<ServicePrisma, 'user'>;
  readonly authenticate: Authenticate;
  readonly tokens: Pick<TokenWatch, 'watch'>;
  readonly gate: PasswordGate;
}): SignIn {
  return {
    async withToken(token, address) {
      const viewer = await authenticate(token, address);
      return { viewer, watch: (onRevoked) => tokens.watch(token, viewer, onRevoked) };
    },
    async withPassword(email, password, { address, signal }) {
      const account = accountOf(email);
      // Before the queue, so that a delayed attempt does not block others.
      await gate.enter(address, account, signal);
      let found: Found | null | undefined;
      const findHash = async () => {
        found = isStorable(account) ? await prisma.user.findUnique({ where: { email: account }, select }) : null;
        return found?.password_hash;
      };
      const isRight = await isPassword(password, findHash, { key: addressKey(address), isRefusable: true, signal });
      const hash = found?.password_hash;
      if (!isRight || !found || !hash || found.status !== 'active') {
        gate.count(address, account);
        throw invalidCredentials();
      }
      gate.reset(address, account);
      return { viewer: userViewer(found.id, toRole(found.role)), passwordHash: hash };
    },
  };
}
