import { type PropertyDeclarations, ReactiveElement } from '@lit/reactive-element';
import type { InboxCountsView } from '@tidings/client/counts';
import { Announcements } from '../announcements.ts';
import type { TokenSource } from '../defaults.ts';
import type { Text } from '../format-text.ts';
import type { Service } from '../service.ts';
import { commonProperties, type ServiceHost, ServiceUse } from '../service-use.ts';
import { type BellKey, bellTexts } from '../strings/bell/catalog.ts';
import { Localizer } from '../strings.ts';
import { type BellCounts, CountsWatch } from './counts-watch.ts';
import { Face } from './face.ts';
import type { Panel } from './panel.ts';
import type { Position } from './place.ts';
import { styles } from './styles.ts';

/**
 * A bell with the number of new notifications. It opens the inbox in a popover, or is a link to `href`.
 *
 * @fires tidings-counts - the counts changed; detail: `InboxCounts`
 * @fires tidings-toggle - the popover opened or closed; detail: `{ open: boolean }`
 * @slot icon - replaces the drawing
 * @slot inbox - a `<tidings-inbox layout="popover">` of your own, with slots and listeners
 * @csspart button - the button or link
 * @csspart icon - the drawing
 * @csspart badge - the number
 * @csspart popover - the panel with the inbox
 * @cssproperty --tidings-popover-width - the width of the popover, where there is room
 * @cssproperty --tidings-popover-height - its height
 */
export class TidingsBell extends ReactiveElement implements ServiceHost {
  static override properties: PropertyDeclarations = {
    ...commonProperties,
    count: {},
    href: {},
    position: {},
  };
  static override styles = styles;

  declare url: string | undefined;
  declare token: TokenSource | undefined;
  declare theme: 'light' | 'dark' | 'auto' | undefined;
  declare locale: string | undefined;
  declare strings: Readonly<Record<string, Text>> | undefined;
  /** What the badge counts: `unseen` (default), what came since the inbox was last opened, or `unread`. */
  declare count: 'unseen' | 'unread' | undefined;
  /** Makes the bell a link to this page. */
  declare href: string | undefined;
  /** Where the popover opens while there is room. Default `bottom-end`. */
  declare position: Position | undefined;

  /** @internal */
  readonly localizer: Localizer<BellKey> = new Localizer<BellKey>(this, bellTexts);
  readonly #serviceUse = new ServiceUse(this, (service) => this.#follow(service));
  readonly #announcements = new Announcements(this);
  #watch: CountsWatch | undefined;
  #counts: BellCounts | undefined;
  /** The counts that the page was last told. */
  #told: Omit<InboxCountsView, 'status'> | undefined;
  #face: Face | undefined;
  #panel: Panel | undefined;
  #loadingPanel: Promise<Panel | undefined> | undefined;

  /** Whether the popover is open. */
  get open(): boolean {
    return this.#panel?.isOpen ?? false;
  }

  /** Opens the popover. Does nothing while the bell is a link. */
  async show(): Promise<void> {
    (await this.#loadPanel())?.toggle(true);
  }

  /** Closes the popover. */
  hide(): void {
    this.#panel?.toggle(false);
  }

  override focus(options?: FocusOptions): void {
    this.#face?.button.focus(options);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closePanel();
  }

  #closePanel(): void {
    this.#panel?.close();
    this.#panel = undefined;
    this.#loadingPanel = undefined;
  }

  #follow(service: Service | undefined): void {
    this.#watch?.close();
    this.#counts = this.#told = undefined;
    this.#watch = service && new CountsWatch(service, (counts) => this.#take(counts));
  }

  #take(counts: BellCounts): void {
    this.#counts = counts;
    this.requestUpdate();
    const { status, isOffline, ...detail } = counts;
    const former = this.#told;
    if (status === 'loading' || JSON.stringify(former) === JSON.stringify(detail)) return;
    this.#told = detail;
    this.#tell('tidings-counts', detail);
    if (former && detail.unseen > former.unseen && !this.open)
      this.#announcements.announce(this.localizer.text('bell.arrived', { count: detail.unseen }));
  }

  #tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  protected override willUpdate(): void {
    this.#serviceUse.update();
  }

  protected override update(changed: Map<PropertyKey, unknown>): void {
    super.update(changed);
    const isLink = this.href !== undefined && this.href !== null;
    if (this.#face?.isLink !== isLink) this.#makeFace(isLink);
    this.#face?.show({
      counts: this.#counts,
      counted: this.count === 'unread' ? 'unread' : 'unseen',
      href: this.href,
      isOpen: this.open,
      announcement: this.#announcements.text,
      localizer: this.localizer,
    });
    this.#panel?.update();
  }

  #makeFace(isLink: boolean): void {
    this.#closePanel();
    const face = new Face(isLink);
    this.#face = face;
    this.renderRoot.replaceChildren(face.root);
    if (isLink) return;
    // Loads the panel before the click; the click waits for it only where it came sooner.
    for (const name of ['pointerenter', 'focus']) face.button.addEventListener(name, () => void this.#loadPanel());
    // Once there is a panel, the browser opens and closes it.
    face.button.addEventListener('click', () => this.#panel ?? void this.show());
  }

  #loadPanel(): Promise<Panel | undefined> {
    this.#loadingPanel ??= this.#makePanel();
    return this.#loadingPanel;
  }

  async #makePanel(): Promise<Panel | undefined> {
    await this.updateComplete;
    const face = this.#face;
    try {
      const { Panel } = await import('./panel.ts');
      if (!(face?.button instanceof HTMLButtonElement) || face !== this.#face || !this.isConnected) return undefined;
      this.#panel = new Panel(this, face.button, () => this.#toggled());
      this.#panel.update();
      return this.#panel;
    } catch {
      this.#loadingPanel = undefined;
      this.#announcements.announce(this.localizer.text('bell.failed'));
      return undefined;
    }
  }

  #toggled(): void {
    this.requestUpdate();
    this.#tell('tidings-toggle', { open: this.open });
    if (this.open) this.#watch?.markSeen();
  }
}
