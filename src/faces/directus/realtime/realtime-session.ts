import type { Connections } from '../../../auth/connections.ts';
import type { SignedIn } from '../../../auth/sign-in.ts';
import { anonymous, rightsKey, type Viewer } from '../../../auth/viewer.ts';
import type { RealtimeConfig } from '../../../config.ts';
import { ServiceError } from '../../../errors.ts';
import { credentialsOf, errorFrame, type Frame, FrameError, withUid } from './frames.ts';
import type { SendQueue } from './send-queue.ts';
import { type CredentialCheck, type Verified, verifyCredentials } from './verify-credentials.ts';

/** A user who is signed in on this socket; the socket counts as one of the user's connections. */
export interface SignedInSocket {
  readonly signedIn: SignedIn;
  /** Removes the socket from the user's connections. */
  readonly release: () => void;
}

/** Who is signed in on one socket. */
export interface Session {
  /** Anonymous until a user signs in, and after the credentials have expired. */
  readonly viewer: Viewer;
  /** Increases whenever the credentials change or expire: data read in an earlier epoch must not be sent. */
  readonly epoch: number;
  /** Whether the socket accepts nothing but an `auth` message. */
  readonly isWaiting: boolean;
  /** Resolves when the viewer is known: immediately, except between expiry and the next sign-in or its timeout. */
  settled(): Promise<void>;
  /** Signs in with an `auth` message. While one is required, any other message fails the handshake. */
  authenticate(frame: Frame | undefined): Promise<void>;
  close(): void;
}

export interface SessionOptions extends CredentialCheck {
  /** When clients have to sign in. */
  readonly mode: RealtimeConfig['auth'];
  /** How long a client may take to sign in, in milliseconds. */
  readonly timeoutMs: number;
  readonly connections: Connections;
  readonly sendQueue: SendQueue;
  /** Called after each sign-in, also with the token of the handshake. */
  readonly onSignedIn: () => void;
  /** Called when the viewer has changed; the new viewer gets events only after the promise has resolved. */
  readonly onChange: () => Promise<void>;
}

/** @param admitted the user of the handshake's token, if there was one. */
export function createSession(admitted: SignedInSocket | undefined, options: SessionOptions): Session {
  const { mode, timeoutMs, connections, sendQueue, onSignedIn, onChange } = options;
  let viewer: Viewer = anonymous;
  /** The viewer that the open subscriptions belong to. */
  let subscriber: Viewer = anonymous;
  let epoch = 0;
  let state: 'waiting' | 'open' | 'expired' | 'closed' = 'open';
  let endSession = () => {};
  let timer: NodeJS.Timeout | undefined;
  /** Aborts the sign-in under way when the socket closes. */
  let pendingSignIn: AbortController | undefined;
  const waiters: (() => void)[] = [];

  function startTimer(onTimeout: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(onTimeout, timeoutMs);
  }

  function setViewer(next: Viewer): void {
    clearTimeout(timer);
    endSession();
    endSession = () => {};
    epoch += 1;
    viewer = next;
  }

  async function settle(): Promise<void> {
    state = 'open';
    const hasChanged = rightsKey(viewer) !== rightsKey(subscriber);
    subscriber = viewer;
    // onChange first drops the old subscriptions, synchronously, so the waiters of the old viewer find them closed.
    const changed = hasChanged ? onChange() : undefined;
    resolveWaiters();
    await changed;
  }

  function resolveWaiters(): void {
    for (const resolve of waiters.splice(0)) resolve();
  }

  function signInAs({ signedIn, release }: SignedInSocket): void {
    setViewer(signedIn.viewer);
    onSignedIn();
    const stopWatching = signedIn.watch(expire);
    endSession = () => {
      stopWatching();
      release();
    };
  }

  /** False when the user has too many connections. The previous user's connection is released first. */
  function trySignIn(signedIn: SignedIn): boolean {
    setViewer(anonymous);
    try {
      signInAs({ signedIn, release: connections.open(signedIn.viewer) });
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }

  /** Called when the credentials are revoked or expire: no events are sent until the client signs in again. */
  function expire(): void {
    if (state === 'closed') return;
    setViewer(anonymous);
    state = 'expired';
    sendQueue.push(errorFrame('auth', new FrameError('TOKEN_EXPIRED', 'The credentials are no longer valid.')));
    startTimer(() => {
      sendQueue.push(errorFrame('auth', new FrameError('AUTH_TIMEOUT', 'The client did not sign in again in time.')));
      if (mode === 'public') void settle();
      else end();
    });
  }

  function end(): void {
    setViewer(anonymous);
    state = 'closed';
    resolveWaiters();
    sendQueue.finish();
  }

  async function fail(frame: Frame | undefined): Promise<void> {
    const isHandshake = state === 'waiting';
    const error = new FrameError('AUTH_FAILED', isHandshake ? 'The handshake failed.' : 'Signing in failed.');
    sendQueue.push(errorFrame('auth', error, isHandshake ? undefined : frame?.uid));
    if (mode !== 'public') return end();
    setViewer(anonymous);
    return settle();
  }

  async function verify(frame: Frame | undefined): Promise<Verified | undefined> {
    const credentials = frame?.type === 'auth' ? credentialsOf(frame) : undefined;
    if (!credentials) return undefined;
    pendingSignIn = new AbortController();
    return verifyCredentials(options, credentials, pendingSignIn.signal);
  }

  if (admitted) {
    signInAs(admitted);
    subscriber = viewer;
  } else if (mode === 'handshake') {
    state = 'waiting';
    startTimer(() => void fail(undefined));
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
    settled: () => (state === 'expired' ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve()),
    async authenticate(frame) {
      // The message arrived in time, however long the check takes.
      clearTimeout(timer);
      const verified = await verify(frame);
      if (state === 'closed') return;
      if (!verified || !trySignIn(verified.signedIn)) return fail(frame);
      const { refreshToken } = verified;
      const issued = refreshToken === undefined ? {} : { refresh_token: refreshToken };
      sendQueue.push({ type: 'auth', status: 'ok', ...issued, ...withUid(frame?.uid) });
      return settle();
    },
    close() {
      pendingSignIn?.abort();
      setViewer(anonymous);
      state = 'closed';
      resolveWaiters();
    },
  };
}
