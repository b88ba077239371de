import { html, type TemplateResult } from 'lit';
import { controlIcon } from '../icons.ts';
import type { HeadContext } from './head.ts';
import { bulkButtonsOf } from './row-actions.ts';

/** What can be done with the selection, in place of the line at the top. */
export function bulkBar(context: HeadContext): TemplateResult {
  const { text, tab, selection, hasUnreadSelected, mayDelete, on } = context;
  const label = selection.isAll ? text('inbox.selectedAll') : text('inbox.selected', { count: selection.keys.size });
  return html`<h2 class="visually-hidden">${text('inbox.title')}</h2>
  <div class="head bulk" part="header bulk" role="toolbar" aria-label=${text('inbox.bulkActions')} data-toolbar>
    <label class="pick-all" part="select-all">
      <input
        type="checkbox" part="checkbox" .checked=${selection.isAll} .indeterminate=${!selection.isAll} aria-label=${text('inbox.selectAll')}
        @change=${(event: Event) => on.selectAll((event.currentTarget as HTMLInputElement).checked)}
      >
    </label>
    <span class="bulk-text" part="bulk-text">${label}</span>
    <span class="gap"></span>
    ${bulkButtonsOf({ tab, hasUnread: hasUnreadSelected, mayDelete }).map(
      ({ deed, icon, label: name }) => html`<button
        type="button" class="icon-button" part="button bulk-button" data-do=${deed} title=${text(name)} aria-label=${text(name)}
        @click=${(event: Event) => on.deed(deed, event.currentTarget as Element)}
      >${controlIcon(icon)}</button>`,
    )}
    <button
      type="button" class="icon-button" part="button clear-button" title=${text('inbox.clearSelection')}
      aria-label=${text('inbox.clearSelection')} @click=${() => on.selectAll(false)}
    >${controlIcon('close')}</button>
  </div>`;
}
