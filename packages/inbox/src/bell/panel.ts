import { adoptStyles, html, LitElement, nothing, type ReactiveElement, render, type TemplateResult } from 'lit';
import type { ServiceHost } from '../service-use.ts';
import type { BellKey } from '../strings/bell/catalog.ts';
import type { Localizer } from '../strings.ts';
import { tokens } from '../tokens.ts';
import { panelStyles } from './panel-styles.ts';
import { type Position, place } from './place.ts';

/** The bell that a panel belongs to. */
export interface PanelHost extends ServiceHost {
  readonly position: Position | undefined;
  readonly localizer: Localizer<BellKey>;
}

/** The popover of a bell: loads the inbox, stays beside the bell, and moves the focus there and back. */
export class Panel {
  isOpen = false;
  #code: 'loading' | 'loaded' | 'failed' | undefined;
  #frame: number | undefined;
  readonly #host: PanelHost;
  readonly #button: HTMLButtonElement;
  readonly #onToggle: () => void;
  readonly #element = document.createElement('div');
  /** Without popovers, the panel is shown and hidden by its `hidden` attribute. */
  readonly #hasPopovers = 'showPopover' in this.#element;

  /** @param onToggle called after the panel was opened or closed */
  constructor(host: PanelHost, button: HTMLButtonElement, onToggle: () => void) {
    this.#host = host;
    this.#button = button;
    this.#onToggle = onToggle;
    const element = this.#element;
    element.id = element.className = 'popover';
    element.part.add('popover');
    element.tabIndex = -1;
    element.addEventListener('tidings-open', () => this.toggle(false));
    // The bell itself tells the page.
    element.addEventListener('tidings-counts', (event) => event.stopPropagation());
    if (this.#hasPopovers) {
      element.popover = 'auto';
      element.addEventListener('toggle', (event) => {
        if (event.target !== element) return;
        const isOpen = (event as ToggleEvent).newState === 'open';
        // A popover that is closed before it told that it was open tells only the last.
        if (!isOpen && !this.isOpen) this.#giveFocusBack();
        else this.#changed(isOpen);
      });
      // A click that closes the popover must not open it again, which the browser knows from this relation.
      button.popoverTargetElement = element;
    } else {
      element.hidden = true;
      button.addEventListener('click', () => this.toggle());
    }
    // The host is a ReactiveElement, whose class has its own styles.
    const { elementStyles } = host.constructor as typeof ReactiveElement;
    if (host.shadowRoot) adoptStyles(host.shadowRoot, [...elementStyles, tokens, panelStyles]);
    button.after(element);
  }

  toggle(isOpen = !this.isOpen): void {
    // The browser tells of a change later, so `isOpen` may be older than the popover.
    if (this.#hasPopovers) this.#element.togglePopover(isOpen);
    else this.#changed(isOpen);
  }

  /** Ends it: the bell has left the document, or is a link now. */
  close(): void {
    this.#changed(false);
    this.#element.remove();
  }

  /** Shows what the bell's properties say now. */
  update(): void {
    const element = this.#element;
    // The inbox is a dialog itself.
    if (this.#code === 'loaded') for (const name of ['role', 'aria-label']) element.removeAttribute(name);
    else {
      element.setAttribute('role', 'dialog');
      element.setAttribute('aria-label', this.#host.localizer.text('bell.label'));
    }
    render(this.#content(), element, { host: this.#host });
  }

  #changed(isOpen: boolean): void {
    if (this.isOpen === isOpen) return;
    this.isOpen = isOpen;
    const listen = isOpen ? addEventListener : removeEventListener;
    listen('resize', this.#replace);
    listen('scroll', this.#replace, { capture: true, passive: true });
    if (!this.#hasPopovers) {
      this.#element.hidden = !isOpen;
      listen('keydown', this.#onKey);
      listen('click', this.#onClick);
    }
    if (isOpen) {
      this.#place();
      this.#element.focus({ preventScroll: true });
      if (this.#code === 'loaded') void this.#focusInbox();
      else void this.#load();
    } else this.#giveFocusBack();
    this.#onToggle();
  }

  #giveFocusBack(): void {
    if (this.#host.isConnected && isFocusLost(this.#host)) this.#button.focus({ preventScroll: true });
  }

  #load = async (): Promise<void> => {
    this.#show('loading');
    try {
      await import('../inbox.ts');
      this.#show('loaded');
    } catch {
      this.#show('failed');
    }
    await this.#focusInbox();
  };

  /** Moves the focus to the inbox, where its keys work, unless it has left the panel. */
  async #focusInbox(): Promise<void> {
    const slot = this.#element.querySelector('slot');
    const inbox = slot?.assignedElements()[0] ?? slot?.firstElementChild;
    if (!(inbox instanceof LitElement)) return;
    await inbox.updateComplete;
    if (this.#host.shadowRoot?.activeElement === this.#element) inbox.focus({ preventScroll: true });
  }

  #show(code: 'loading' | 'loaded' | 'failed'): void {
    this.#code = code;
    this.update();
  }

  #content(): TemplateResult | typeof nothing {
    const { url, token, theme, locale, strings, localizer } = this.#host;
    const { text } = localizer;
    if (this.#code === 'loaded')
      return html`<slot name="inbox"><tidings-inbox layout="popover" url=${url ?? nothing} .token=${token}
        theme=${theme ?? nothing} locale=${locale ?? nothing} .strings=${strings}></tidings-inbox></slot>`;
    if (this.#code === 'failed')
      return html`<div class="message"><p>${text('bell.failed')}</p>
        <button type="button" @click=${this.#load}>${text('bell.retry')}</button></div>`;
    return html`<div class="message"><p>${text('bell.loading')}</p></div>`;
  }

  #place(): void {
    place(this.#element, this.#button, this.#host.position ?? 'bottom-end');
  }

  #replace = (): void => {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      if (this.isOpen) this.#place();
    });
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented) this.#changed(false);
  };

  #onClick = (event: Event): void => {
    if (!event.composedPath().includes(this.#host)) this.#changed(false);
  };
}

/** Whether nothing outside of the host has the focus: then closing the panel would lose it. */
function isFocusLost(host: HTMLElement): boolean {
  const { activeElement } = host.getRootNode() as Document | ShadowRoot;
  return activeElement === null || activeElement === host || activeElement === document.body;
}
