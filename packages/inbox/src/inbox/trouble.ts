import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ListView } from './list.ts';
import type { Trouble } from './states.ts';

/** How long a connection may be away before people are told, in milliseconds: most are back sooner. */
const patienceMs = 1_500;

/** What is wrong with the connection, if it lasts. */
export class TroubleWatch implements ReactiveController {
  #trouble: Trouble | undefined;
  #isLasting = false;
  #code: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  failed(code: string | undefined): void {
    this.#code = code ?? 'UNKNOWN';
  }

  /** What to show for a list in its state. */
  update({ status, isLoaded }: ListView): Trouble | undefined {
    if (status === 'none') return 'none';
    if (status === 'refused') return 'refused';
    if (status === 'live') this.#code = undefined;
    // A list that was given up while the page was hidden has no error.
    const isAway = this.#code !== undefined;
    this.#trouble = isAway ? (this.#code === 'NETWORK' ? 'offline' : 'error') : undefined;
    if (!isAway) this.#stop();
    else this.#timer ??= setTimeout(this.#last, patienceMs);
    return this.#isLasting || (!isLoaded && status === 'waiting') ? this.#trouble : undefined;
  }

  hostDisconnected(): void {
    this.#code = undefined;
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isLasting = false;
  }

  readonly #last = (): void => {
    this.#isLasting = true;
    this.#host.requestUpdate();
  };
}
