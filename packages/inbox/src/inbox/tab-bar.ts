import type { InboxCounts } from '@tidings/client/shared';
import { html, nothing, type TemplateResult } from 'lit';
import type { InboxKey } from '../strings/inbox/catalog.ts';
import type { Frame } from './frame.ts';
import { figureOf, type Tab } from './tabs.ts';

export const tabLabels: Readonly<Record<Tab, InboxKey>> = {
  all: 'inbox.tabAll',
  unread: 'inbox.tabUnread',
  saved: 'inbox.tabSaved',
  snoozed: 'inbox.tabSnoozed',
  archived: 'inbox.tabArchived',
};

interface TabBarOptions extends Frame {
  readonly tabs: readonly Tab[];
  readonly current: Tab;
  readonly counts: InboxCounts | undefined;
  readonly onChoose: (tab: Tab) => void;
}

/** The tabs, each with the figure of the service. */
export function tabBar({ text, tag, tabs, current, counts, onChoose }: TabBarOptions): TemplateResult {
  return html`<div class="tabs" part="tabs" role="tablist" aria-label=${text('inbox.tabs')}>
    ${tabs.map((tab) => {
      const figure = counts && figureOf(tab, counts);
      const isCurrent = tab === current;
      return html`<button
        type="button" role="tab" id="tab-${tab}" class="tab" part="tab${isCurrent ? ' current-tab' : ''}"
        aria-selected=${isCurrent} aria-controls="list" tabindex=${isCurrent ? 0 : -1} @click=${() => onChoose(tab)}
      ><span class="tab-label">${text(tabLabels[tab])}</span>${
        figure ? html`<span class="figure" part="figure">${figure.toLocaleString(tag)}</span>` : nothing
      }</button>`;
    })}
  </div>`;
}
