import { setTimeout as delay } from 'node:timers/promises';
import { type Ids, sendEntry } from './send-entry.ts';
import type { Run } from './service-client.ts';
import { next } from './story/next.ts';

/** The demo stops sending after this many notifications, so that a forgotten demo does not fill the disk. */
const maxCount = 500;

/** Sends a new notification every few seconds until it is stopped. */
export function keepSending(
  run: Run,
  ids: Ids,
  { periodMs, onError }: { readonly periodMs: number; readonly onError: (error: unknown) => void },
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    for (let count = 0; count < maxCount; count++) {
      // Intervals vary, so that the notifications do not look scheduled.
      const paused = await delay((0.5 + Math.random()) * periodMs, true, { signal }).catch(() => false);
      const entryOf = next[count % next.length];
      if (!paused || entryOf === undefined) return;
      await sendEntry(run, ids, entryOf(Math.floor(count / next.length)));
    }
  })().catch(onError);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
