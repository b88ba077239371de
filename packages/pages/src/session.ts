import { root } from './addresses.ts';
import { isRefusal, post } from './requests.ts';

/** Who is signed in. */
export interface User {
  readonly id: string;
  readonly email: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly language: string | null;
}

interface Viewer {
  readonly expires_at: string | null;
  readonly user: User;
}

/** What the page knows of the sign-in. */
export type Session =
  | { readonly kind: 'signed-in'; readonly user: User }
  /** `reason`: why somebody who was signed in no longer is; `token`: a handed-over token was refused. */
  | { readonly kind: 'signed-out'; readonly reason?: 'ended' | 'left' | 'token' };

const query = '{ viewer { expires_at user { id email first_name last_name language } } }';
const tokenKey = `tidings-token ${root.pathname}`;
/** The longest delay of a timer, in milliseconds. */
const maxDelayMs = 2 ** 31 - 1;
const retryMs = 30_000;

/**
 * The sign-in of this tab: a cookie that scripts cannot read, or a token that another page handed over, which this tab
 * keeps in its session storage. The cookie is renewed at half of its time.
 */
export class SessionKeeper {
  #current: Session | undefined;
  readonly #onChange: (session: Session) => void;
  /** Tells other tabs that somebody has signed in or out. */
  readonly #channel =
    'BroadcastChannel' in globalThis ? new BroadcastChannel(`tidings-session ${root.pathname}`) : null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #renewAt = Number.POSITIVE_INFINITY;
  /** When the cookie or token that this tab knows expires. */
  #expiresAt = Number.POSITIVE_INFINITY;
  #checking: Promise<void> | undefined;

  /** @param onChange called when somebody else is signed in, or nobody any more */
  constructor(onChange: (session: Session) => void) {
    this.#onChange = onChange;
    this.#channel?.addEventListener('message', () => void this.checkAgain().catch(() => undefined));
    document.addEventListener('visibilitychange', () => {
      // Timers do not run while a device sleeps.
      if (!document.hidden && Date.now() >= this.#renewAt) void this.#renew();
    });
  }

  /** The handed-over token; an empty one means that requests carry the cookie. */
  readonly token = (): string => sessionStorage.getItem(tokenKey) ?? '';

  /** Takes a token over from the fragment of the address, and removes it from there and from the history. */
  takeToken(): void {
    const given = new URLSearchParams(location.hash.slice(1)).get('token');
    if (given === null) return;
    sessionStorage.setItem(tokenKey, given);
    history.replaceState(history.state, '', location.pathname + location.search);
  }

  /** Asks the service who is signed in. @throws RequestError when it cannot say */
  check(): Promise<void> {
    this.#checking ??= this.#ask().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** The same after a change: an answer that is on its way may be older than it. @throws RequestError */
  async checkAgain(): Promise<void> {
    await this.#checking?.catch(() => undefined);
    await this.check();
  }

  /** @throws RequestError INVALID_CREDENTIALS, REQUESTS_EXCEEDED and others */
  async signIn(email: string, password: string): Promise<void> {
    await post('auth/login', { email, password, mode: 'session' });
    sessionStorage.removeItem(tokenKey);
    this.#channel?.postMessage('changed');
    await this.checkAgain();
  }

  /** Ends the sign-in in all tabs; a handed-over token is only forgotten. @throws RequestError */
  async signOut(): Promise<void> {
    if (this.token() === '') await post('auth/logout', { mode: 'session' });
    sessionStorage.removeItem(tokenKey);
    this.#channel?.postMessage('changed');
    this.#set({ kind: 'signed-out', reason: 'left' });
  }

  async #ask(): Promise<void> {
    const viewer = await this.#readViewer();
    if (viewer !== null) {
      this.#schedule(viewer.expires_at);
      this.#set({ kind: 'signed-in', user: viewer.user });
      return;
    }
    const hadToken = this.token() !== '';
    sessionStorage.removeItem(tokenKey);
    const reason = hadToken ? 'token' : this.#current?.kind === 'signed-in' ? 'ended' : undefined;
    this.#set({ kind: 'signed-out', ...(reason && { reason }) });
  }

  async #readViewer(): Promise<Viewer | null> {
    try {
      const { viewer } = (await post('graphql/system', { query }, this.token())) as { readonly viewer: Viewer | null };
      return viewer;
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  }

  #set(session: Session): void {
    const before = this.#current;
    if (session.kind === 'signed-out') this.#schedule(null);
    if (before?.kind === session.kind && idOf(before) === idOf(session)) return;
    this.#current = session;
    this.#onChange(session);
  }

  /** Renews a cookie at half of its time; with a token, looks again when it has expired. */
  #schedule(expiresAt: string | null): void {
    clearTimeout(this.#timer);
    this.#renewAt = Number.POSITIVE_INFINITY;
    if (expiresAt === null) return;
    this.#expiresAt = Date.parse(expiresAt);
    const leftMs = this.#expiresAt - Date.now();
    this.#renewAfter(this.token() === '' ? leftMs / 2 : leftMs + 1000);
  }

  #renewAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#renewAt = Date.now() + ms;
    this.#timer = setTimeout(() => void this.#renew(), Math.min(Math.max(ms, 1000), maxDelayMs));
  }

  async #renew(): Promise<void> {
    if (Date.now() < this.#renewAt) {
      this.#renewAfter(this.#renewAt - Date.now());
      return;
    }
    this.#renewAt = Number.POSITIVE_INFINITY;
    try {
      if (this.token() === '') await withLock(() => this.#refreshUnlessRenewed());
      else await this.check();
    } catch (error) {
      if (isRefusal(error)) await this.check().catch(() => this.#renewAfter(retryMs));
      else this.#renewAfter(retryMs);
    }
  }

  async #refreshUnlessRenewed(): Promise<void> {
    const viewer = await this.#readViewer();
    // Another tab may have renewed the cookie.
    const isRenewed = viewer?.expires_at && Date.parse(viewer.expires_at) > this.#expiresAt;
    if (viewer !== null && !isRenewed) await post('auth/refresh', { mode: 'session' });
    await this.check();
  }
}

function idOf(session: Session): string | undefined {
  return session.kind === 'signed-in' ? session.user.id : session.reason;
}

/** One tab at a time renews the cookie that all share. */
async function withLock(work: () => Promise<void>): Promise<void> {
  if (!('locks' in navigator)) return work();
  await navigator.locks.request(`tidings-renewal ${root.pathname}`, work);
}
