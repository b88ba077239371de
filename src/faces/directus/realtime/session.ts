import type { Connections } from '../../../auth/connections.ts';
import type { SignedIn, SignIn } from '../../../auth/sign-in.ts';
import { anonymous, type Viewer } from '../../../auth/viewer.ts';
import type { RealtimeConfig } from '../../../config.ts';
import { ServiceError } from '../../../errors.ts';
import { credentialsOf, errorFrame, type Frame, FrameError, withUid } from './frames.ts';
import type { Outbox } from './outbox.ts';

/** Somebody who came with a token in the address, counted among the connections of that user. */
export interface Admitted {
  readonly signedIn: SignedIn;
  /** Counts them off. */
  readonly release: () => void;
}

/** Who speaks on a socket. */
export interface Session {
  /** Anonymous while nobody is signed in. */
  readonly viewer: Viewer;
  /** Grows whenever the credentials change or end: what was read before that is not to be told after it. */
  readonly epoch: number;
  /** Whether nothing but an `auth` message is listened to. */
  readonly isWaiting: boolean;
  /** Resolves when it is settled who may be told things: at once, unless credentials have just ended. */
  settled(): Promise<void>;
  /** Signs in by an `auth` message, or ends the socket for any other while it waits for one. */
  authenticate(frame: Frame | undefined): Promise<void>;
  close(): void;
}

export interface SessionOptions {
  /** When clients must say who they are. */
  readonly mode: RealtimeConfig['auth'];
  /** How long a client may take to sign in, in milliseconds. */
  readonly timeoutMs: number;
  readonly signIn: Pick<SignIn, 'withToken' | 'withPassword'>;
  /** Where the socket came from. */
  readonly address: string;
  readonly connections: Connections;
  readonly outbox: Outbox;
  /** Called whenever somebody has signed in, or came as a user. */
  readonly onSignedIn: () => void;
  /** Called when somebody else speaks than before; nobody is told anything anew until it has returned. */
  readonly onChange: () => Promise<void>;
}

/** @param admitted who speaks from the start, if that is known. */
export function createSession(admitted: Admitted | undefined, options: SessionOptions): Session {
  const { mode, timeoutMs, signIn, address, connections, outbox, onSignedIn, onChange } = options;
  let viewer: Viewer = anonymous;
  /** Whoever was told things last. */
  let told: Viewer = anonymous;
  let epoch = 0;
  let state: 'waiting' | 'open' | 'expired' | 'closed' = 'open';
  let leave = () => {};
  let timer: NodeJS.Timeout | undefined;
  /** Ends the wait for an answer that nobody will hear. */
  let attempt: AbortController | undefined;
  const onSettled: (() => void)[] = [];

  function wait(onTimeout: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(onTimeout, timeoutMs);
  }

  function become(next: Viewer): void {
    clearTimeout(timer);
    leave();
    leave = () => {};
    epoch += 1;
    viewer = next;
  }

  async function settle(): Promise<void> {
    state = 'open';
    const isOther = !isSame(viewer, told);
    told = viewer;
    // Called first, and waited for last: what waits is for whoever spoke before.
    const changed = isOther ? onChange() : undefined;
    goOn();
    await changed;
  }

  function goOn(): void {
    for (const go of onSettled.splice(0)) go();
  }

  function adopt({ signedIn, release }: Admitted): void {
    become(signedIn.viewer);
    onSignedIn();
    const endWatch = signedIn.watch(expire);
    leave = () => {
      endWatch();
      release();
    };
  }

  /** Whether there was room for one more connection of that user; the place of whoever spoke before is free then. */
  function isAdopted(signedIn: SignedIn): boolean {
    become(anonymous);
    try {
      adopt({ signedIn, release: connections.open(signedIn.viewer) });
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }

  /** The credentials are no longer good: nothing is told before somebody has signed in again. */
  function expire(): void {
    if (state === 'closed') return;
    become(anonymous);
    state = 'expired';
    outbox.push(errorFrame('auth', new FrameError('TOKEN_EXPIRED', 'The credentials are no longer valid.')));
    wait(() => {
      outbox.push(errorFrame('auth', new FrameError('AUTH_TIMEOUT', 'Nobody signed in again in time.')));
      if (mode === 'public') void settle();
      else end();
    });
  }

  function end(): void {
    become(anonymous);
    state = 'closed';
    goOn();
    outbox.finish();
  }

  async function fail(frame: Frame | undefined): Promise<void> {
    const isHandshake = state === 'waiting';
    const error = new FrameError('AUTH_FAILED', isHandshake ? 'The handshake failed.' : 'Signing in failed.');
    outbox.push(errorFrame('auth', error, isHandshake ? undefined : frame?.uid));
    if (mode !== 'public') return end();
    become(anonymous);
    return settle();
  }

  async function signedInBy(frame: Frame | undefined): Promise<SignedIn | undefined> {
    const given = frame?.type === 'auth' ? credentialsOf(frame) : undefined;
    if (!given) return undefined;
    attempt = new AbortController();
    const { signal } = attempt;
    try {
      return await ('access_token' in given
        ? signIn.withToken(given.access_token, address)
        : signIn.withPassword(given.email, given.password, { address, signal }));
    } catch (error) {
      // Whoever has gone needs no answer.
      if (error instanceof ServiceError || signal.aborted) return undefined;
      throw error;
    }
  }

  if (admitted) {
    adopt(admitted);
    told = viewer;
  } else if (mode === 'handshake') {
    state = 'waiting';
    wait(() => void fail(undefined));
  }

  return {
    get viewer() {
      return viewer;
    },
    get epoch() {
      return epoch;
    },
    get isWaiting() {
      return state === 'waiting';
    },
    settled: () => (state === 'expired' ? new Promise((resolve) => onSettled.push(resolve)) : Promise.resolve()),
    async authenticate(frame) {
      // It came in time, however long the look-up takes.
      clearTimeout(timer);
      const signedIn = await signedInBy(frame);
      if (state === 'closed') return;
      if (!signedIn || !isAdopted(signedIn)) return fail(frame);
      outbox.push({ type: 'auth', status: 'ok', ...withUid(frame?.uid) });
      return settle();
    },
    close() {
      attempt?.abort();
      become(anonymous);
      state = 'closed';
      goOn();
    },
  };
}

function isSame(one: Viewer, other: Viewer): boolean {
  if (one.kind === 'anonymous' || other.kind === 'anonymous') return one.kind === other.kind;
  return one.id === other.id && one.role === other.role;
}
