import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Least time between two announcements, in milliseconds. */
const betweenMs = 5_000;

/**
 * The text of a polite live region. It changes at most once in five seconds; of texts that come sooner, the last one is
 * announced when the time is over. The host is updated when it changes.
 */
export class Announcements implements ReactiveController {
  /** What the region contains. */
  text = '';
  #next = '';
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  announce(text: string): void {
    this.#next = text;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        // A region is read when its text changes, so a repeated text gets a space that is not read.
        this.text = this.text === this.#next ? `${this.#next}\u00a0` : this.#next;
        this.#lastAt = performance.now();
        this.#host.requestUpdate();
      },
      this.#lastAt + betweenMs - performance.now(),
    );
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
