import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';

/** Least time between two announcements, in milliseconds. */
const betweenMs = 5_000;

/**
 * A polite live region. Announces at most once in five seconds; of texts that come sooner, the last one is announced
 * when the time is over. The host renders `region()` in its template.
 */
export class Announcer implements ReactiveController {
  #shown = '';
  #next: string | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  announce(text: string): void {
    this.#next = text;
    this.#timer ??= setTimeout(() => this.#show(), Math.max(0, this.#lastAt + betweenMs - performance.now()));
  }

  #show(): void {
    this.#timer = undefined;
    const text = this.#next ?? '';
    // A region is read when its text changes, so a repeated text gets a space that is not read.
    this.#shown = text === this.#shown ? `${text}\u00a0` : text;
    this.#lastAt = performance.now();
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  region(): TemplateResult {
    return html`<div class="visually-hidden" role="status" aria-live="polite">${this.#shown}</div>`;
  }
}
