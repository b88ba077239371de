import type { InboxItem } from '@tidings/client/shared';
import {
  adoptStyles,
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit';
import { Announcer } from '../announcer.ts';
import { TidingsElement } from '../element.ts';
import { notificationIcon } from '../icons.ts';
import type { Service } from '../service.ts';
import { type InboxKey, inboxTexts } from '../strings/inbox/catalog.ts';
import { Clock } from '../times.ts';
import type { Report } from './actions.ts';
import { emitEvent, follow } from './events.ts';
import { countFilters } from './filter-form.ts';
import type { Frame } from './frame.ts';
import { headHandlers, menuHandlers } from './handlers.ts';
import { type HeadContext, head, searchField } from './head.ts';
import { keysOf, type OwnKeys } from './keys.ts';
import { listPane } from './list-pane.ts';
import { defaultPageSize, InboxModel } from './model.ts';
import { isEmpty, isSelected } from './selection.ts';
import { emptyPane, pendingPane, troubleBanner } from './states.ts';
import { styles } from './styles.ts';
import { tabBar } from './tab-bar.ts';
import { type Tab, tabsOf } from './tabs.ts';
import { reportText } from './toast.ts';

/** From this width on, in pixels, a page shows the message beside the list. */
const wideFrom = 860;

/**
 * The inbox of a user: tabs, list, message, actions.
 *
 * @fires tidings-action - before an action; cancelable
 * @fires tidings-open - before a link of a notification is followed; cancelable
 * @fires tidings-select - another notification is open, or none
 * @fires tidings-counts - the counts of the inbox changed
 * @fires tidings-error - a request or the connection failed
 * @slot header - in place of the title and its tools
 * @slot empty - in place of the text of an empty list
 * @slot footer - below the list
 * @slot item-<id> - in place of the text of one notification
 */
export class TidingsInbox extends TidingsElement<InboxKey> {
  static override properties: PropertyDeclarations = {
    ...TidingsElement.properties,
    layout: { reflect: true },
    tabs: {},
    tab: { reflect: true },
    pageSize: { type: Number, attribute: 'page-size' },
    selected: { reflect: true },
    keys: { attribute: false },
    icons: { attribute: false },
    renderItem: { attribute: false },
  };
  static override styles: CSSResultGroup = [TidingsElement.styles, styles];

  /** `popover`, `page` (with the message beside the list where there is room) or `panel` (default). */
  declare layout: 'popover' | 'page' | 'panel' | undefined;
  /** The tabs, separated by commas. Default: `all,unread,saved,snoozed,archived`. */
  declare tabs: string | undefined;
  /** The current tab. */
  declare tab: Tab | undefined;
  /** Notifications that are read at once. Default 50. */
  declare pageSize: number;
  /** The id or uuid of the open notification; it need not be loaded. */
  declare selected: string | undefined;
  /** Own keys by command, such as `{ archive: 'y', snooze: [] }`. */
  declare keys: OwnKeys | undefined;
  /** Own icons by the `icon` of notifications: an https address, or anything that Lit renders. */
  declare icons: Readonly<Record<string, unknown>> | undefined;
  /** Renders the text of a row: a string, a node, or anything that Lit renders. */
  declare renderItem: ((notification: InboxItem) => unknown) | undefined;

  readonly #announcer = new Announcer(this);
  readonly #clock = new Clock(this);
  readonly #model: InboxModel;
  /** Addresses of pictures that could not be loaded. */
  readonly #brokenIcons = new Set<string>();
  /** Loaded after the list was drawn. */
  #later: typeof import('./later.ts') | undefined;
  #isLoadingLater = false;
  #observer: ResizeObserver | undefined;

  constructor() {
    super(inboxTexts);
    this.pageSize = defaultPageSize;
    this.#model = new InboxModel(this);
    this.addEventListener('keydown', this.#onKey);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.#onPageKey);
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.#onPageKey);
    this.#observer?.disconnect();
  }

  /** Focuses the list, where the keys work. */
  override focus(options?: FocusOptions): void {
    this.renderRoot?.querySelector<HTMLElement>('.scroll')?.focus(options);
  }

  protected override serviceChanged(service: Service | undefined): void {
    this.#model.connect(service);
  }

  /** Sends an event to the page. Returns false when it was cancelled. */
  emit(type: string, detail: object, isCancelable = false): boolean {
    return emitEvent(this, type, detail, isCancelable);
  }

  announceReport(report: Report): void {
    this.#announcer.announce(reportText(this.#frame.text, report));
  }

  announceArrival(count: number): void {
    this.#announcer.announce(this.#frame.text('inbox.pill', { count }));
  }

  get #frame(): Frame {
    const { text, tag } = this.localizer;
    return { text, tag, now: this.#clock.now, mayDelete: this.#model.mayDelete };
  }

  get #currentTab(): Tab {
    const tabs = tabsOf(this.tabs);
    return tabs.find((tab) => tab === this.tab) ?? tabs[0] ?? 'all';
  }

  protected override willUpdate(changed?: PropertyValues): void {
    const tab = this.#currentTab;
    this.tab = tab;
    const isOtherList = tab !== this.#model.options.tab || changed?.has('pageSize');
    if (isOtherList) this.#model.options = { ...this.#model.options, tab };
    super.willUpdate();
    if (isOtherList && this.hasUpdated) this.#model.reopen();
    this.#model.update();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('selected') && (this.selected !== undefined || changed.get('selected') !== undefined)) {
      const { item } = this.#model.opened;
      this.emit('tidings-select', { selected: this.selected || null, notification: item ?? null });
    }
    const { list, opened } = this.#model;
    if (list.view().isLoaded || opened.state !== 'none') void this.#loadLater();
    const dialog = this.renderRoot.querySelector('dialog');
    if (dialog && !dialog.open) dialog.showModal();
    this.#measure();
  }

  /** Whether messages, menus and keys are loaded, which comes after the list. */
  get isReady(): boolean {
    return this.#later !== undefined;
  }

  async #loadLater(): Promise<void> {
    if (this.#later || this.#isLoadingLater) return;
    this.#isLoadingLater = true;
    try {
      const later = await import('./later.ts');
      adoptStyles(this.renderRoot as ShadowRoot, [...TidingsInbox.elementStyles, ...later.laterStyles]);
      this.#later = later;
      this.requestUpdate();
    } catch {
      // Offline, for example. The next update tries again.
    } finally {
      this.#isLoadingLater = false;
    }
  }

  #measure(): void {
    const isWide = this.layout === 'page' && this.clientWidth >= wideFrom;
    if (isWide === this.#model.isWide) return;
    this.#model.isWide = isWide;
    this.requestUpdate();
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const [target] = event.composedPath();
    if (!(target instanceof Element)) return;
    this.#later?.onKeyDown(event, target, {
      model: this.#model,
      root: this.renderRoot,
      keys: keysOf(this.keys),
      isRtl: this.localizer.dir === 'rtl',
      update: () => this.requestUpdate(),
      search: () => void this.#openSearch(),
    });
  };

  /** A page takes keys from everywhere, unless something else has the focus. */
  readonly #onPageKey = (event: KeyboardEvent): void => {
    if (this.layout === 'page' && event.target === document.body) this.#onKey(event);
  };

  async #openSearch(): Promise<void> {
    this.#model.isSearching = true;
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLInputElement>('.search input')?.focus();
  }

  #headContext(frame: Frame): HeadContext {
    const { selection, isWide, isSearching, options, list, popup } = this.#model;
    const { counts, items } = list.view();
    return {
      ...frame,
      tab: options.tab,
      selection,
      isWide,
      isSearching,
      query: options.query,
      filterCount: countFilters(options.filters),
      hasUnread: (counts?.unread ?? 0) > 0,
      hasUnreadSelected: selection.isAll || items.some(({ id, read_at }) => read_at === null && selection.keys.has(id)),
      isFilterOpen: popup.content?.kind === 'filter',
      on: headHandlers(this.#model, {
        update: () => this.requestUpdate(),
        openSearch: () => void this.#openSearch(),
      }),
    };
  }

  /** Errors of pictures do not bubble. */
  readonly #pictureListener = {
    capture: true,
    handleEvent: ({ target }: Event) => {
      if (!(target instanceof HTMLImageElement)) return;
      this.#brokenIcons.add(target.getAttribute('src') ?? '');
      this.requestUpdate();
    },
  };

  readonly #drawIcon = ({ icon }: InboxItem): unknown => {
    const own = this.icons?.[icon];
    if (this.#brokenIcons.has(typeof own === 'string' ? own : icon)) return notificationIcon('');
    return typeof own === 'string' || own === undefined ? notificationIcon(own ?? icon) : own;
  };

  protected override render(): TemplateResult {
    const model = this.#model;
    const frame = this.#frame;
    const { text } = frame;
    const { list, opened, isWide, options, popup, toast, trouble } = model;
    const view = list.view();
    const later = this.#later;
    const tabs = tabsOf(this.tabs);
    const headContext = this.#headContext(frame);
    const drawIcon = this.#drawIcon;
    const wrong = trouble.update(view);
    const size = view.hasMore ? -1 : view.items.length;
    return html`<section
      class="inbox ${isWide ? 'wide' : opened.state === 'none' ? 'narrow' : 'narrow covered'}" part="inbox" role=${this.layout === 'popover' ? 'dialog' : 'region'}
      aria-label=${text('inbox.title')} dir=${this.localizer.dir} lang=${frame.tag} @error=${this.#pictureListener}
      @click=${(event: Event) => follow(this, event, opened.item)}
    >
      <slot name="header">${later && !isEmpty(model.selection) ? later.bulkBar(headContext) : head(headContext)}</slot>
      ${!isWide && model.isSearching ? html`<div class="search-line" part="search-line">${searchField(headContext)}</div>` : nothing}
      ${
        tabs.length > 1
          ? tabBar({ ...frame, tabs, current: options.tab, counts: view.counts, onChoose: (tab) => this.#choose(tab) })
          : nothing
      }
      ${wrong && wrong !== 'none' && view.isLoaded ? troubleBanner(text, wrong, () => model.reopen()) : nothing}
      <div class="main" part="main">
        ${listPane({
          ...frame,
          model,
          hasTabs: tabs.length > 1,
          update: () => this.requestUpdate(),
          size,
          activeKey: model.navigator.activeKey,
          openedKey: opened.item?.id,
          isSelected: (key) => isSelected(model.selection, key),
          drawIcon,
          renderItem: this.renderItem,
        })}
        ${
          opened.state === 'none'
            ? isWide
              ? emptyPane(frame)
              : nothing
            : !later
              ? pendingPane(frame)
              : later.messagePane(opened, {
                  ...frame,
                  isWide,
                  drawIcon,
                  onDeed: (deed, item, anchor) => model.deed(deed, { keys: [item.id] }, anchor),
                  onClose: () => model.close(),
                  onRetry: () => opened.retry(),
                })
        }
      </div>
      <slot name="footer"></slot>
      ${toast.render(frame, () => model.actions.undo())}
      ${
        popup.content && later
          ? later.menu(
              popup.content,
              frame,
              menuHandlers(model, () => this.requestUpdate()),
            )
          : nothing
      }
      ${model.isHelpOpen && later ? later.helpDialog(frame, keysOf(this.keys), () => this.#closeHelp()) : nothing}
      ${this.#announcer.region()}
    </section>`;
  }

  #choose(tab: Tab): void {
    this.tab = tab;
    if (!this.#model.isWide) this.selected = undefined;
  }

  #closeHelp(): void {
    this.#model.isHelpOpen = false;
    this.renderRoot.querySelector('dialog')?.close();
    this.requestUpdate();
  }
}
