import { html, nothing, type TemplateResult } from 'lit';
import type { Frame } from './frame.ts';

/** What people filter by, besides the tab and the search. */
export interface Filters {
  readonly read: boolean | undefined;
  readonly categories: readonly string[];
  readonly templates: readonly string[];
}

export const noFilters: Filters = { read: undefined, categories: [], templates: [] };

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** The categories and templates of the service; undefined while they are read. */
export interface FilterChoices {
  readonly categories: readonly Choice[];
  readonly templates: readonly Choice[];
}

export interface FilterContent {
  readonly kind: 'filter';
  readonly filters: Filters;
  readonly choices: FilterChoices | undefined;
  /** Whether the tab lists read and unread ones. */
  readonly hasRead: boolean;
  readonly onChange: (filters: Filters) => void;
}

/** Number of conditions, for the button. */
export function countFilters({ read, categories, templates }: Filters): number {
  return Number(read !== undefined) + categories.length + templates.length;
}

export function filterForm(
  { filters, choices, hasRead, onChange }: FilterContent,
  { text }: Frame,
  onKey: (event: KeyboardEvent) => void,
): TemplateResult {
  const reads = [
    { label: text('inbox.filter.any'), value: undefined },
    { label: text('inbox.tabUnread'), value: false },
    { label: text('inbox.filter.read'), value: true },
  ];
  const group = (legend: string, name: 'categories' | 'templates') => {
    const all = choices?.[name] ?? [];
    if (all.length === 0) return nothing;
    const chosen = filters[name];
    const toggle = (value: string) =>
      chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    return html`<fieldset part="filter-group"><legend>${legend}</legend>
      ${all.map(
        ({ value, label }) => html`<label class="choice" part="choice">
          <input
            type="checkbox" part="checkbox" .checked=${chosen.includes(value)}
            @change=${() => onChange({ ...filters, [name]: toggle(value) })}
          ><span>${label}</span></label>`,
      )}
    </fieldset>`;
  };
  return html`<div class="popup form filter" part="menu filter" popover="manual" role="dialog" aria-label=${text('inbox.filter.title')} @keydown=${onKey}>
    ${
      hasRead
        ? html`<fieldset part="filter-group"><legend>${text('inbox.filter.state')}</legend>
            ${reads.map(
              ({ label, value }) => html`<label class="choice" part="choice">
                <input
                  type="radio" name="read" part="radio" .checked=${filters.read === value}
                  @change=${() => onChange({ ...filters, read: value })}
                ><span>${label}</span></label>`,
            )}
          </fieldset>`
        : nothing
    }
    ${choices ? nothing : html`<p class="note-hint">${text('inbox.loading')}</p>`}
    ${group(text('inbox.filter.categories'), 'categories')} ${group(text('inbox.filter.templates'), 'templates')}
    <div class="form-end">
      <button type="button" class="button" part="button" ?disabled=${countFilters(filters) === 0} @click=${() => onChange(noFilters)}>
        ${text('inbox.filter.clear')}
      </button>
    </div>
  </div>`;
}
