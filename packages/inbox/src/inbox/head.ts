import { html, nothing, type TemplateResult } from 'lit';
import { controlIcon } from '../icons.ts';
import type { Frame } from './frame.ts';
import type { Deed } from './row-actions.ts';
import type { Selection } from './selection.ts';
import type { Tab } from './tabs.ts';

export interface HeadContext extends Frame {
  readonly tab: Tab;
  readonly selection: Selection;
  readonly isWide: boolean;
  readonly isSearching: boolean;
  readonly query: string;
  readonly filterCount: number;
  readonly hasUnread: boolean;
  readonly hasUnreadSelected: boolean;
  readonly isFilterOpen: boolean;
  readonly on: HeadHandlers;
}

export interface HeadHandlers {
  readonly markAllRead: () => void;
  readonly toggleSearch: () => void;
  readonly search: (query: string) => void;
  readonly leaveSearch: () => void;
  readonly filter: (anchor: Element) => void;
  readonly help: () => void;
  readonly selectAll: (isAll: boolean) => void;
  readonly deed: (deed: Deed, anchor: Element) => void;
}

/** The line at the top: the title and its tools. */
export function head(context: HeadContext): TemplateResult {
  const { text, isWide, isSearching, filterCount, hasUnread, isFilterOpen, on } = context;
  const filterLabel =
    filterCount > 0 ? text('inbox.filter.active', { count: filterCount }) : text('inbox.filter.title');
  return html`<div class="head" part="header">
    <h2 class="title" part="title">${text('inbox.title')}</h2>
    <span class="gap"></span>
    ${isWide ? searchField(context) : nothing}
    ${
      isWide
        ? nothing
        : html`<button
            type="button" class="icon-button" part="button search-button" aria-expanded=${isSearching}
            title=${text('inbox.search')} aria-label=${text('inbox.search')} @click=${on.toggleSearch}
          >${controlIcon('search')}</button>`
    }
    <button
      type="button" class="icon-button ${filterCount > 0 ? 'on' : ''}" part="button filter-button" aria-haspopup="dialog"
      aria-expanded=${isFilterOpen} title=${filterLabel} aria-label=${filterLabel}
      @click=${(event: Event) => on.filter(event.currentTarget as Element)}
    >${controlIcon('filter')}</button>
    <button
      type="button" class="icon-button" part="button mark-all-button" ?disabled=${!hasUnread}
      title=${text('action.markAllRead')} aria-label=${text('action.markAllRead')} @click=${on.markAllRead}
    >${controlIcon('checkAll')}</button>
    <button
      type="button" class="icon-button keys-button" part="button help-button" title=${text('inbox.keys')} aria-label=${text('inbox.keys')}
      @click=${on.help}
    >${controlIcon('keyboard')}</button>
  </div>`;
}

/** The field for a text to search for. */
export function searchField({ text, query, on }: HeadContext): TemplateResult {
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    on.leaveSearch();
  };
  return html`<label class="search" part="search">
    ${controlIcon('search')}
    <input
      type="search" part="search-input" .value=${query} placeholder=${text('inbox.search')} aria-label=${text('inbox.search')}
      autocomplete="off" maxlength="200" @keydown=${onKey}
      @input=${(event: Event) => on.search((event.currentTarget as HTMLInputElement).value)}
    >
  </label>`;
}
