import { type Ask, createAsk } from '@tidings/client/request';
import { changeOf, type InboxAction, type InboxItem, sharedInbox } from '@tidings/client/shared';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Service } from '../service.ts';
import {
  type ActionDetail,
  type ActionOptions,
  type Actions,
  createActions,
  type Report,
  type Target,
} from './actions.ts';
import { readFilterChoices } from './filter-choices.ts';
import type { FilterChoices, FilterContent } from './filter-form.ts';
import { createList, type List } from './list.ts';
import type { MenuContent } from './menus.ts';
import { Navigator } from './navigator.ts';
import { Opened } from './opened.ts';
import { Popup } from './popup.ts';
import type { Deed } from './row-actions.ts';
import { Scroller } from './scroller.ts';
import { isEmpty, keepListed, nothingSelected, type Selection } from './selection.ts';
import { Toast } from './toast.ts';
import { TroubleWatch } from './trouble.ts';
import { everything, filterOfView, type ViewOptions } from './view-options.ts';

export interface ModelHost extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: HTMLElement | DocumentFragment;
  readonly pageSize: number;
  selected: string | undefined;
  /** Tells the page. Returns false when it cancelled. */
  emit(type: string, detail: object, isCancelable?: boolean): boolean;
  announceReport(report: Report): void;
  announceArrival(count: number): void;
}

/** Actions after which a notification is in another place. */
const moves = new Set<InboxAction>(['archive', 'unarchive', 'snooze', 'unsnooze', 'delete']);
/** Notifications that are read at once. */
export const defaultPageSize = 50;
/** How long something is shown before it counts as seen, in milliseconds. */
const seenMs = 1_000;

/** The state of an inbox element and what changes it; templates only read it. */
export class InboxModel implements ReactiveController {
  options: ViewOptions = everything;
  selection: Selection = nothingSelected;
  isSearching = false;
  isHelpOpen = false;
  /** Whether there is room for a message beside the list. */
  isWide = false;
  isPointerInside = false;
  /** Whether the service lets this person delete notifications. */
  mayDelete = false;
  readonly list: List;
  readonly actions: Actions;
  readonly opened: Opened;
  readonly popup: Popup<MenuContent>;
  readonly toast: Toast;
  readonly navigator: Navigator;
  readonly scroller: Scroller;
  readonly trouble: TroubleWatch;
  readonly #host: ModelHost;
  #service: Service | undefined;
  #ask: Ask | undefined;
  #choices: FilterChoices | undefined;
  /** Of which the rights were asked. */
  #askedRightsOf: Ask | undefined;
  /** Until what is typed is searched for. */
  searchTimer: ReturnType<typeof setTimeout> | undefined;
  #seenTimer: ReturnType<typeof setTimeout> | undefined;
  #countsText = '';

  constructor(host: ModelHost) {
    this.#host = host;
    this.list = createList({
      isQuiet: () => this.#isQuiet,
      onChange: () => host.requestUpdate(),
      onArrival: (count) => host.announceArrival(count),
    });
    this.toast = new Toast(host);
    this.popup = new Popup(host);
    this.opened = new Opened(host);
    this.trouble = new TroubleWatch(host);
    this.scroller = new Scroller(host, () => {
      if (!this.list.view().isMoreRefused) void this.list.loadMore();
    });
    this.navigator = new Navigator(host);
    this.actions = createActions({
      list: this.list,
      announce: (detail: ActionDetail) => host.emit('tidings-action', detail, true),
      onPerform: (action, target) => this.#applyHere(action, target),
      report: (report) => {
        this.toast.show(report);
        host.announceReport(report);
      },
      onError: (error) => void host.emit('tidings-error', { error }),
    });
    host.addController(this);
  }

  get #isQuiet(): boolean {
    const isBusy = this.isPointerInside || this.navigator.isInList || this.popup.content !== undefined;
    return !isBusy && this.scroller.isAtTop && isEmpty(this.selection);
  }

  /** Uses another service, or none. */
  connect(service: Service | undefined): void {
    this.#service = service;
    this.#ask = service && createAsk(service);
    this.#choices = undefined;
    this.mayDelete = false;
    this.reopen();
  }

  /** Reads the list again from its beginning. */
  reopen(): void {
    this.selection = nothingSelected;
    this.navigator.activeKey = undefined;
    this.scroller.toTop();
    const service = this.#service;
    if (!service) this.list.show(undefined);
    else
      this.list.show(() =>
        sharedInbox({
          ...service,
          filter: filterOfView(this.options),
          pageSize: this.#host.pageSize > 0 ? Math.trunc(this.#host.pageSize) : defaultPageSize,
          onError: (error) => {
            this.trouble.failed(error.code);
            this.#host.emit('tidings-error', { error });
          },
        }),
      );
  }

  setView(part: Partial<ViewOptions>): void {
    this.options = { ...this.options, ...part };
    this.reopen();
  }

  /** Brings everything that depends on the list up to date; called before it is drawn. */
  update(): void {
    const view = this.list.view();
    this.selection = keepListed(this.selection, view.keys);
    this.navigator.update(view.keys);
    const isOther = this.opened.update(this.#host.selected || undefined, view.items, this.#ask);
    const { item } = this.opened;
    if (isOther && item?.read_at === null) this.#markRead(item);
    const countsText = JSON.stringify(view.counts);
    if (view.counts && countsText !== this.#countsText) {
      this.#countsText = countsText;
      this.#host.emit('tidings-counts', view.counts);
    }
    if (view.status === 'live') this.#askRights();
    this.#markSeenSoon();
  }

  perform(action: InboxAction, target: Target, options?: ActionOptions): void {
    this.actions.perform(action, target, options);
    if (target === 'all' || target.keys.length > 1) this.selection = nothingSelected;
    this.#host.requestUpdate();
  }

  /** Does what a button says, or asks what it needs to know first. */
  deed(deed: Deed, target: Target, anchor: Element): void {
    if (deed !== 'ask-snooze' && deed !== 'ask-delete') {
      this.perform(deed, target);
      return;
    }
    if (this.popup.isAt(anchor)) {
      this.popup.close();
      return;
    }
    const count = target === 'all' ? undefined : target.keys.length;
    this.popup.open({ kind: deed === 'ask-snooze' ? 'snooze' : 'delete', target, count }, anchor);
  }

  open(item: InboxItem): void {
    this.#host.selected = item.id;
    this.navigator.activeKey = item.id;
    if (!this.isWide) this.#focusPane();
  }

  /** Closes the message. The focus returns to its row if it was in the message. */
  close(): void {
    const pane = this.#host.renderRoot.querySelector('.pane');
    const hadFocus = pane?.contains(this.#host.shadowRoot?.activeElement ?? null) ?? false;
    this.#host.selected = undefined;
    const key = this.navigator.activeKey;
    if (hadFocus && key !== undefined) this.navigator.focus(key);
    else if (hadFocus) this.#focus('.scroll');
  }

  toggleFilter(anchor: Element): void {
    if (this.popup.isAt(anchor)) {
      this.popup.close();
      return;
    }
    this.popup.open(this.#filterContent(), anchor);
    const ask = this.#ask;
    if (this.#choices || !ask) return;
    readFilterChoices(ask)
      .catch((): FilterChoices => ({ categories: [], templates: [] }))
      .then((choices) => {
        if (this.#ask !== ask) return;
        this.#choices = choices;
        if (this.popup.content?.kind === 'filter') this.popup.refresh(this.#filterContent());
      });
  }

  #filterContent(): FilterContent {
    return {
      kind: 'filter',
      filters: this.options.filters,
      choices: this.#choices,
      hasRead: this.options.tab !== 'unread',
      onChange: (filters) => {
        this.setView({ filters });
        this.popup.refresh(this.#filterContent());
      },
    };
  }

  /** Shows what was held back, from the top. */
  acceptNew(): void {
    this.scroller.toTop();
    this.list.accept();
    const [first] = this.list.view().keys;
    if (first !== undefined) this.navigator.focus(first);
  }

  #markRead(item: InboxItem): void {
    const target = { keys: [item.id] };
    const isListed = this.list.view().keys.includes(item.id);
    const isRefused = !this.actions.perform('read', target, { isSilent: true });
    if (isRefused) return;
    const listsUnread = this.options.tab === 'unread' || this.options.filters.read === false;
    const read = changeOf('read')(item);
    // It stays where it is: rows must not move when one is opened.
    if (listsUnread && read && isListed) this.list.keep(read);
    this.opened.set(read);
  }

  #applyHere(action: InboxAction, target: Target): void {
    if (target === 'all') return;
    const change = changeOf(action);
    this.list.amend(target.keys, change);
    const { item } = this.opened;
    if (!item || !target.keys.includes(item.id)) return;
    if (moves.has(action)) this.close();
    else this.opened.set(change(item));
  }

  /** Once the list is there: asks for what only few may do. */
  #askRights(): void {
    const ask = this.#ask;
    if (!ask || this.#askedRightsOf === ask) return;
    this.#askedRightsOf = ask;
    ask<{ readonly viewer: { readonly role: string } }>('{ viewer { role } }').then(
      ({ viewer }) => {
        if (this.#ask !== ask) return;
        this.mayDelete = viewer.role === 'admin';
        this.#host.requestUpdate();
      },
      // Without the answer there is no button; nothing else depends on it.
      () => {},
    );
  }

  #markSeenSoon(): void {
    const { counts, held, status } = this.list.view();
    const isShown = document.visibilityState === 'visible' && this.#host.offsetParent !== null;
    if (!isShown || status !== 'live' || held > 0 || !counts?.unseen || this.options.tab !== 'all') return;
    this.#seenTimer ??= setTimeout(() => {
      this.#seenTimer = undefined;
      // The next change of the list tries again.
      this.list
        .live()
        ?.markSeen()
        .catch(() => {});
    }, seenMs);
  }

  #focusPane(): void {
    this.#focus('.pane [data-close]');
  }

  #focus(selector: string): void {
    void this.#host.updateComplete.then(() => this.#host.renderRoot.querySelector<HTMLElement>(selector)?.focus());
  }

  hostDisconnected(): void {
    clearTimeout(this.searchTimer);
    clearTimeout(this.#seenTimer);
    this.#seenTimer = undefined;
  }
}
