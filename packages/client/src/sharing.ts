import type { Follow } from './follow.ts';
import { byHub } from './hub.ts';
import type { BackOff } from './keep-following.ts';
import { presenceAfter } from './presence.ts';

/** How the tabs of an origin share a connection. */
export interface SharingOptions {
  /** How long a hidden tab keeps the connection, in milliseconds. Default 300,000. */
  readonly hiddenMs?: number;
  /** Milliseconds between retries; doubles from `firstMs` up to `mostMs`. Default 250 and 600,000. */
  readonly backOff?: BackOff;
}

/** How an inbox or its counts follow over the connection that all tabs share. */
export interface SharedMeans {
  readonly follow: Follow;
  readonly backOff: BackOff;
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function meansOf({
  hiddenMs = 300_000,
  backOff = { firstMs: 250, mostMs: 600_000 },
}: SharingOptions): SharedMeans {
  const presence = presenceAfter(hiddenMs);
  return { follow: byHub({ presence, backOff }), backOff, rest: presence.rest };
}
