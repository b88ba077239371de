import type { ReactiveController, ReactiveControllerHost } from 'lit';

interface NavigatorHost extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: HTMLElement | DocumentFragment;
}

/**
 * The active row: the one that Tab reaches. When it leaves the list, its place goes to the next row, and so does the focus
 * if it was in the row.
 */
export class Navigator implements ReactiveController {
  activeKey: string | undefined;
  readonly #host: NavigatorHost;
  #index = 0;
  #wanted: string | undefined;
  #wantsActive = false;
  #focusedBefore: string | undefined;

  constructor(host: NavigatorHost) {
    this.#host = host;
    host.addController(this);
  }

  /** The key of the row that has the focus, or in which it is. */
  get focusedKey(): string | undefined {
    return this.#host.shadowRoot?.activeElement?.closest<HTMLElement>('[data-key]')?.dataset['key'];
  }

  /** Whether the focus is in the list, on a row or on the list itself. */
  get isInList(): boolean {
    return this.#host.shadowRoot?.activeElement?.closest('.scroll') != null;
  }

  /** Takes another list. */
  update(keys: readonly string[]): void {
    const index = this.activeKey === undefined ? -1 : keys.indexOf(this.activeKey);
    if (index >= 0) this.#index = index;
    else {
      this.#index = Math.max(0, Math.min(this.#index, keys.length - 1));
      this.activeKey = keys[this.#index];
    }
  }

  /** Makes a row the active one, and moves the focus there once it is drawn. */
  focus(key: string): void {
    this.activeKey = key;
    this.#wanted = key;
    this.#host.requestUpdate();
  }

  /** Moves the focus to the active row, or to the list until it has one. */
  focusActive(): void {
    this.#wantsActive = true;
    this.#host.renderRoot.querySelector<HTMLElement>('.scroll')?.focus({ preventScroll: true });
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    this.#focusedBefore = this.focusedKey;
  }

  hostUpdated(): void {
    const before = this.#focusedBefore;
    this.#focusedBefore = undefined;
    if (this.#wantsActive && this.activeKey !== undefined) {
      this.#wantsActive = false;
      // Somebody may have gone elsewhere meanwhile.
      if (this.isInList) this.#wanted = this.activeKey;
    }
    const isLost = before !== undefined && this.focusedKey === undefined && !this.#host.shadowRoot?.activeElement;
    if (this.#wanted === undefined && !isLost) return;
    const key = this.#wanted ?? this.activeKey;
    const row = key === undefined ? null : this.row(key);
    if (row) {
      this.#wanted = undefined;
      row.focus({ preventScroll: true });
    } else if (isLost) {
      // Scrolled away, or nothing is left: the keys still work in the list itself.
      this.#host.renderRoot.querySelector<HTMLElement>('.scroll')?.focus({ preventScroll: true });
    }
  }

  row(key: string): HTMLElement | null {
    return this.#host.renderRoot.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  }
}
