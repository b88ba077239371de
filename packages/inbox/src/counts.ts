import { type LiveCounts, sharedCounts } from '@tidings/client/counts';
import type { TokenSource } from './defaults.ts';
import type { Service } from './service.ts';

interface Shared {
  readonly counts: LiveCounts;
  users: number;
}

/** The counts in use, by URL and token source. */
const shared = new Map<string, Map<TokenSource, Shared>>();

/** The counts of the inbox; elements with the same URL and token source share them. Call `close` once when done. */
export function openCounts({ url, token }: Service): LiveCounts {
  const ofUrl = shared.get(url) ?? new Map<TokenSource, Shared>();
  shared.set(url, ofUrl);
  const entry = ofUrl.get(token) ?? { counts: sharedCounts({ url, token }), users: 0 };
  ofUrl.set(token, entry);
  entry.users += 1;
  let isOpen = true;
  return {
    ...entry.counts,
    close() {
      if (!isOpen) return;
      isOpen = false;
      entry.users -= 1;
      if (entry.users > 0) return;
      ofUrl.delete(token);
      entry.counts.close();
    },
  };
}
