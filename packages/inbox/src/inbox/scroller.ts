import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Line } from './days.ts';
import { createHeights, type Window } from './windowing.ts';

/** Pixels above and below the viewport that are drawn. */
const overscan = 480;
/** Lines from the end at which the next page is read. */
const nearEnd = 20;

interface ScrollerHost extends ReactiveControllerHost {
  readonly renderRoot: HTMLElement | DocumentFragment;
}

/** Draws of a list only what is near the viewport. */
export class Scroller implements ReactiveController {
  /** What was drawn last. */
  drawn: Window = { from: 0, to: 0, before: 0, after: 0 };
  readonly #host: ScrollerHost;
  readonly #onNearEnd: () => void;
  readonly #heights = createHeights({ day: 32, item: 64 });
  #lines: readonly Line[] = [];
  #element: HTMLElement | undefined;
  #observer: ResizeObserver | undefined;
  /** The space above what is drawn, without the heading of its day. */
  #before = 0;
  #top = 0;
  #height = 0;
  #width = 0;

  constructor(host: ScrollerHost, onNearEnd: () => void) {
    this.#host = host;
    this.#onNearEnd = onNearEnd;
    host.addController(this);
  }

  /** Whether the list is scrolled to its top. */
  get isAtTop(): boolean {
    return this.#top < 8;
  }

  #attach(element: HTMLElement | undefined): void {
    if (element === this.#element) return;
    this.#element?.removeEventListener('scroll', this.#onScroll);
    this.#observer?.disconnect();
    this.#element = element;
    if (!this.#element) return;
    this.#element.addEventListener('scroll', this.#onScroll, { passive: true });
    this.#observer = new ResizeObserver(this.#onResize);
    this.#observer.observe(this.#element);
  }

  /** The lines to draw, and the space around them. The heading of the first one's day is always among them. */
  window(lines: readonly Line[]): Window & { readonly day: number | undefined } {
    if (lines !== this.#lines) {
      this.#lines = lines;
      this.#heights.set(lines);
    }
    const window = this.#heights.around(this.#top, this.#height || 800, overscan);
    this.drawn = window;
    let day = window.from;
    while (day > 0 && lines[day]?.kind !== 'day') day -= 1;
    const isAbove = day < window.from;
    this.#before = window.before - (isAbove ? this.#heights.heightOf(day) : 0);
    return { ...window, day: isAbove ? day : undefined };
  }

  /** Scrolls as little as possible, so that the line is seen whole below the heading of its day. */
  reveal(index: number): void {
    const element = this.#element;
    if (!element) return;
    const top = this.#heights.offsetOf(index);
    const bottom = top + this.#heights.heightOf(index);
    const heading = index <= 1 ? top : 40;
    if (top - heading < element.scrollTop) element.scrollTop = top - heading;
    else if (bottom + 8 > element.scrollTop + element.clientHeight) {
      element.scrollTop = bottom + 8 - element.clientHeight;
    }
    this.#onScroll();
  }

  toTop(): void {
    if (this.#element) this.#element.scrollTop = 0;
    this.#onScroll();
  }

  hostUpdated(): void {
    this.#attach(this.#host.renderRoot.querySelector<HTMLElement>('.scroll') ?? undefined);
    const element = this.#element;
    if (!element) return;
    const feed = element.querySelector<HTMLElement>('.feed');
    // By script, which no content policy forbids.
    if (feed) {
      feed.style.paddingBlockStart = `${this.#before}px`;
      feed.style.paddingBlockEnd = `${this.drawn.after}px`;
    }
    let isNew = false;
    for (const line of element.querySelectorAll<HTMLElement>('[data-line]')) {
      const { line: key = '', kind = '' } = line.dataset;
      isNew = this.#heights.measure(key, kind, line.offsetHeight) || isNew;
    }
    if (isNew) this.#onScroll();
    this.#askForMore();
  }

  hostDisconnected(): void {
    this.#attach(undefined);
  }

  readonly #onScroll = (): void => {
    this.#top = this.#element?.scrollTop ?? 0;
    const { from, to, before } = this.#heights.around(this.#top, this.#height, overscan);
    const { drawn } = this;
    // Half of what is drawn around may pass before it is drawn again.
    if (from !== drawn.from || to !== drawn.to || before !== drawn.before) this.#host.requestUpdate();
    this.#askForMore();
  };

  readonly #onResize = (): void => {
    const { clientWidth = 0, clientHeight = 0 } = this.#element ?? {};
    if (clientWidth !== this.#width) this.#heights.forget();
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.#host.requestUpdate();
  };

  #askForMore(): void {
    const last = this.#heights.around(this.#top, this.#height, 0).to;
    if (this.#height > 0 && last >= this.#lines.length - nearEnd) this.#onNearEnd();
  }
}
