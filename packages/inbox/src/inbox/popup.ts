import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Least distance of a popup from the edges of the window, in pixels. */
const margin = 8;
const gap = 4;

interface PopupHost extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: HTMLElement | DocumentFragment;
}

/**
 * One popup at a time: a menu, or a small form. It is in the top layer where there is one, stands beside its anchor, and
 * closes by Escape and by a click elsewhere. The focus returns to where it was.
 */
export class Popup<Content> implements ReactiveController {
  content: Content | undefined;
  readonly #host: PopupHost;
  #anchor: Element | undefined;
  #returnTo: HTMLElement | undefined;
  #isPlaced = false;

  constructor(host: PopupHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Whether the popup stands at this element. */
  isAt(anchor: Element): boolean {
    return this.content !== undefined && this.#anchor === anchor;
  }

  open(content: Content, anchor: Element): void {
    const focused = (this.#host.shadowRoot?.activeElement ?? undefined) as HTMLElement | undefined;
    // A popup that is replaced by another gives its place to return to.
    if (this.content === undefined) this.#returnTo = focused;
    this.content = content;
    this.#anchor = anchor;
    this.#isPlaced = false;
    document.addEventListener('pointerdown', this.#onPointerDown, true);
    this.#host.requestUpdate();
  }

  /** Shows something else in the popup that is open. */
  replace(content: Content): void {
    this.content = content;
    this.#isPlaced = false;
    this.#host.requestUpdate();
  }

  /** Draws the same popup in another state: it keeps its place, and the focus. */
  refresh(content: Content): void {
    this.content = content;
    this.#host.requestUpdate();
  }

  close({ returnsFocus = true } = {}): void {
    if (this.content === undefined) return;
    document.removeEventListener('pointerdown', this.#onPointerDown, true);
    this.content = undefined;
    if (returnsFocus && this.#returnTo?.isConnected) this.#returnTo.focus({ preventScroll: true });
    this.#returnTo = undefined;
    this.#host.requestUpdate();
  }

  hostUpdated(): void {
    if (this.content === undefined || this.#isPlaced) return;
    const popup = this.#host.renderRoot.querySelector<HTMLElement>('.popup');
    if (!popup) return;
    this.#isPlaced = true;
    if (popup.isConnected && !popup.matches(':popover-open')) popup.showPopover();
    this.#place(popup);
    const first = popup.querySelector<HTMLElement>('[autofocus]') ?? popup.querySelector<HTMLElement>('button, input');
    first?.focus({ preventScroll: true });
  }

  hostDisconnected(): void {
    this.close({ returnsFocus: false });
  }

  onKey = (event: KeyboardEvent): void => {
    // No key in a popup is meant for the list.
    event.stopPropagation();
    if (event.key === 'Escape' || (event.key === 'Tab' && isMenu(event.currentTarget))) {
      event.preventDefault();
      this.close();
      return;
    }
    if (isMenu(event.currentTarget)) moveInMenu(event);
  };

  /** Places the popup below its anchor, or above it where there is more room, within the window. */
  #place(popup: HTMLElement): void {
    const anchor = this.#anchor?.getBoundingClientRect();
    if (!anchor) return;
    const { offsetWidth: width, offsetHeight: height } = popup;
    const isRtl = getComputedStyle(popup).direction === 'rtl';
    const below = anchor.bottom + gap;
    const fitsBelow = below + height + margin <= innerHeight;
    const top = fitsBelow ? below : Math.max(margin, anchor.top - gap - height);
    const start = isRtl ? anchor.left : anchor.right - width;
    const left = Math.max(margin, Math.min(start, innerWidth - width - margin));
    popup.style.top = `${top}px`;
    popup.style.left = `${left}px`;
  }

  readonly #onPointerDown = (event: PointerEvent): void => {
    const popup = this.#host.renderRoot.querySelector('.popup');
    const path = event.composedPath();
    if (popup && path.includes(popup)) return;
    // The button that opened it closes it by its own click.
    if (this.#anchor && path.includes(this.#anchor)) return;
    this.close({ returnsFocus: false });
  };
}

function isMenu(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.getAttribute('role') === 'menu';
}

function moveInMenu(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  const index = items.indexOf(event.target as HTMLElement);
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: (index + 1) % items.length,
    ArrowUp: (index - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  };
  const target = targets[event.key];
  if (target === undefined) return;
  event.preventDefault();
  items[target]?.focus();
}
