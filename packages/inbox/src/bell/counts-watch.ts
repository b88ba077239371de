import { type InboxCountsView, type LiveCounts, sharedCounts } from '@tidings/client/counts';
import type { Service } from '../service.ts';

/** How long a connection may be lost before it is shown, in milliseconds. Most are back sooner. */
const offlineAfterMs = 3_000;

/** What a bell shows of an inbox. */
export interface BellCounts extends InboxCountsView {
  readonly isOffline: boolean;
}

/** Follows the counts of one inbox for a bell. All bells and inboxes of a page share one connection. */
export class CountsWatch {
  readonly #live: LiveCounts;
  readonly #onChange: (counts: BellCounts) => void;
  #isOffline = false;
  #mustMarkSeen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onChange called at once, and after every change of the counts or the connection */
  constructor(service: Service, onChange: (counts: BellCounts) => void) {
    this.#live = sharedCounts(service);
    this.#onChange = onChange;
    this.#live.subscribe((view) => view.status !== 'closed' && this.#show(view));
    this.#show(this.#live.current());
  }

  /** Marks everything as seen as soon as the counts are there. */
  markSeen(): void {
    this.#mustMarkSeen = true;
    this.#sendSeen(this.#live.current());
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#live.close();
  }

  #show(view: InboxCountsView): void {
    if (view.status !== 'waiting') {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // Connecting is one of many tries while there is no network.
      if (view.status !== 'connecting') this.#isOffline = false;
    } else if (!this.#isOffline) {
      this.#timer ??= setTimeout(() => {
        this.#isOffline = true;
        this.#show(this.#live.current());
      }, offlineAfterMs);
    }
    this.#onChange({ ...view, isOffline: this.#isOffline });
    this.#sendSeen(view);
  }

  #sendSeen({ status, unseen }: InboxCountsView): void {
    if (!this.#mustMarkSeen || status === 'loading' || status === 'refused') return;
    this.#mustMarkSeen = false;
    // When it fails, the number stays and the next opening tries again.
    if (unseen > 0) this.#live.markSeen().catch(() => undefined);
  }
}
