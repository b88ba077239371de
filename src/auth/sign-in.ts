import { randomUUID } from 'node:crypto';
import { invalidCredentials } from '../errors.ts';
import { isStorable } from '../values.ts';
import { hashPassword, isPassword } from './passwords.ts';
import type { Authenticate } from './token-guard.ts';
import type { TokenWatch } from './token-watch.ts';
import type { Role, Viewer } from './viewer.ts';
import { createWatch, type WatchOptions } from './watch.ts';

/** Somebody who signed in to a connection, for as long as their credentials are good. */
export interface SignedIn {
  readonly viewer: Viewer;
  /** Calls `onGone`, once, when the credentials stop standing for the viewer; the answer ends the watch. */
  readonly watch: (onGone: () => void) => () => void;
}

/** The ways to sign in to a connection that stays open. */
export interface SignIn {
  /** @throws ServiceError INVALID_CREDENTIALS */
  withToken(token: string, address: string): Promise<SignedIn>;
  /**
   * Ends when the password is changed, or the user suspended, deleted or given another role.
   * @throws ServiceError INVALID_CREDENTIALS alike for an unknown address, a wrong password and a user who is not active.
   */
  withPassword(email: string, password: string): Promise<SignedIn>;
  stop(): void;
}

/** Passwords checked at a time: each takes a thread of the few there are, 32 MiB and a tenth of a second. */
const checksMax = 2;

interface Found {
  readonly id: string;
  readonly role: Role;
  readonly status: string;
  readonly password_hash: string | null;
}

export function createSignIn(
  options: WatchOptions & {
    readonly authenticate: Authenticate;
    readonly tokens: Pick<TokenWatch, 'watch'>;
  },
): SignIn {
  const { db, authenticate, tokens } = options;
  const passwords = createPasswordWatch(options);
  const inTurn = atMost(checksMax);
  let decoy: Promise<string> | undefined;

  /** As slow for an address that nobody has, so that the time tells nothing. */
  async function isGood(password: string, hash: string | null | undefined): Promise<boolean> {
    decoy ??= hashPassword(randomUUID());
    const isRight = await isPassword(password, hash ?? (await decoy));
    return isRight && typeof hash === 'string';
  }

  return {
    async withToken(token, address) {
      const viewer = await authenticate(token, address);
      return { viewer, watch: (onGone) => tokens.watch(token, viewer, onGone) };
    },
    async withPassword(email, password) {
      const address = email.trim().toLowerCase();
      const values = [isStorable(address) ? address : ''];
      const [found] = await db.query<Found>({ name: 'find_password', text: findText, values });
      const hash = found?.password_hash;
      const isRight = await inTurn(() => isGood(password, hash));
      if (!isRight || !found || !hash || found.status !== 'active') throw invalidCredentials();
      const viewer: Viewer = { kind: 'user', id: found.id, role: found.role };
      return { viewer, watch: (onGone) => passwords.watch(hash, viewer, onGone) };
    },
    stop: passwords.stop,
  };
}

/** The credential is the hash of the password. */
function createPasswordWatch(options: WatchOptions) {
  return createWatch<string>(options, async (some) => {
    const values = [[...new Set(some.map(({ viewer }) => viewer.id))]];
    const users = await options.db.query<Found>({ name: 'good_passwords', text: goodText, values });
    const byId = new Map(users.map((user) => [user.id, user]));
    return new Set(
      some.filter(({ credential, viewer }) => {
        const found = byId.get(viewer.id);
        return found?.password_hash === credential && found.role === viewer.role && found.status === 'active';
      }),
    );
  });
}

/** Runs what it is given, no more than `most` at a time, in the order it came. */
function atMost(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    // Whoever ends hands its place on, so nobody who comes later can take it.
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

const findText = 'select id, role, status, password_hash from users where email = $1';
const goodText = 'select id, role, status, password_hash from users where id = any ($1::uuid[])';
