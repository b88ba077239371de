/**
 * `away` when the page was hidden for long or is left, `back` when it is shown again or the network is back, `offline`
 * when the network is gone.
 */
export type PresenceEvent = 'away' | 'back' | 'offline';

/** Whether somebody may be looking at the page. Outside of pages nobody is ever away. */
export interface Presence {
  isAway(): boolean;
  /** Returns a function that unsubscribes. */
  subscribe(listener: (event: PresenceEvent) => void): () => void;
  /** Resolves after `ms` unless away, at once when somebody is back, or when the signal is aborted. */
  rest(ms: number, signal: AbortSignal): Promise<void>;
}

const presences = new Map<number, Presence>();

/** The presence of this page. @param hiddenMs how long it may be hidden before it counts as away */
export function presenceAfter(hiddenMs: number): Presence {
  const presence = presences.get(hiddenMs) ?? watchPage(hiddenMs);
  presences.set(hiddenMs, presence);
  return presence;
}

function watchPage(hiddenMs: number): Presence {
  const listeners = new Set<(event: PresenceEvent) => void>();
  let isAway = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(event: PresenceEvent): void {
    for (const listener of [...listeners]) listener(event);
  }
  function leave(): void {
    clearTimeout(timer);
    if (isAway) return;
    isAway = true;
    tell('away');
  }
  function look(): void {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') {
      if (!isAway) timer = setTimeout(leave, hiddenMs);
      return;
    }
    isAway = false;
    tell('back');
  }
  function subscribe(listener: (event: PresenceEvent) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  if (typeof document !== 'undefined') {
    document.addEventListener('visibilitychange', look);
    addEventListener('pageshow', look);
    addEventListener('pagehide', leave);
    addEventListener('online', () => isAway || tell('back'));
    addEventListener('offline', () => tell('offline'));
    look();
  }
  return {
    isAway: () => isAway,
    subscribe,
    rest: (ms, signal) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(pause);
          unsubscribe();
          signal.removeEventListener('abort', end);
          resolve();
        };
        const pause = setTimeout(() => isAway || end(), signal.aborted ? 0 : ms);
        const unsubscribe = subscribe((event) => event === 'back' && end());
        signal.addEventListener('abort', end);
        if (signal.aborted) end();
      }),
  };
}
