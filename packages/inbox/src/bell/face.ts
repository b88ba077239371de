import type { BellKey } from '../strings/bell/catalog.ts';
import type { Localizer } from '../strings.ts';
import type { BellCounts } from './counts-watch.ts';
import { make, makeDrawing, setAttributes } from './dom.ts';

const bell = 'M18 10a6 6 0 0 0-12 0c0 5-2 6.5-2 6.5h16s-2-1.5-2-6.5M10.2 19.5a2 2 0 0 0 3.6 0';
const struckBell = `${bell}M4 4l16 16`;

/** Highest number that the badge shows. */
const maxShown = 99;

/** What the face of a bell shows. */
export interface FaceState {
  readonly counts: BellCounts | undefined;
  readonly counted: 'unseen' | 'unread';
  readonly href: string | undefined;
  readonly isOpen: boolean;
  readonly announcement: string;
  readonly localizer: Localizer<BellKey>;
}

/** The button of a bell with its badge, and its live region. */
export class Face {
  readonly isLink: boolean;
  readonly root: HTMLElement;
  readonly button: HTMLElement;
  readonly #badge = make('span', { class: 'badge', part: 'badge', 'aria-hidden': 'true' });
  readonly #status = make('div', { class: 'status', role: 'status' });
  readonly #path: SVGPathElement;

  constructor(isLink: boolean) {
    this.isLink = isLink;
    const [drawing, path] = makeDrawing();
    this.#path = path;
    const content = [make('slot', { name: 'icon' }, drawing), this.#badge];
    this.button = isLink
      ? make('a', { part: 'button' }, ...content)
      : make('button', { part: 'button', type: 'button', 'aria-haspopup': 'dialog' }, ...content);
    this.root = make('div', {}, this.button, this.#status);
  }

  show({ counts, counted, href, isOpen, announcement, localizer }: FaceState): void {
    const { text, tag, dir } = localizer;
    const { unread = 0, unseen = 0, status, isOffline } = counts ?? {};
    const trouble = status === 'refused' ? 'refused' : isOffline ? 'offline' : undefined;
    const hint = trouble && text(`bell.${trouble}`);
    const number = trouble === 'refused' ? 0 : counted === 'unread' ? unread : unseen;
    const shown = Math.min(number, maxShown).toLocaleString(tag);

    // A screen reader does not read the badge, so the name has the numbers in words.
    let label = text('bell.label');
    if (trouble !== 'refused' && unseen > 0 && counted === 'unseen')
      label = text('bell.labelNew', { count: unseen, unread });
    else if (trouble !== 'refused' && unread > 0) label = text('bell.labelUnread', { count: unread });
    this.#badge.textContent = trouble === 'refused' ? '!' : number > maxShown ? `${shown}+` : number > 0 ? shown : '';
    this.#status.textContent = announcement;
    setAttributes(this.root, { dir, lang: tag });
    setAttributes(this.#path, { d: trouble === 'offline' ? struckBell : bell });
    setAttributes(this.button, {
      class: `button ${trouble ?? ''}`,
      'aria-label': hint ? text('bell.hinted', { label, hint }) : label,
      title: hint,
      ...(this.isLink ? { href } : { 'aria-expanded': String(isOpen) }),
    });
  }
}
