import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Calls back when the page is looked at again, or is connected again: another tab may have changed something. */
export class Watcher implements ReactiveController {
  readonly #onReturn: () => void;

  constructor(host: ReactiveControllerHost, onReturn: () => void) {
    this.#onReturn = onReturn;
    host.addController(this);
  }

  readonly #check = (): void => {
    if (document.visibilityState === 'visible') this.#onReturn();
  };

  hostConnected(): void {
    for (const name of ['focus', 'online', 'pageshow']) addEventListener(name, this.#check);
    document.addEventListener('visibilitychange', this.#check);
  }

  hostDisconnected(): void {
    for (const name of ['focus', 'online', 'pageshow']) removeEventListener(name, this.#check);
    document.removeEventListener('visibilitychange', this.#check);
  }
}
