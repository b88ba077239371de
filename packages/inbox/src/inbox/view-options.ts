import type { InboxFilter } from '@tidings/client/shared';
import { type Filters, noFilters } from './filter-form.ts';
import { filterOf, type Tab } from './tabs.ts';

/** What is listed: a tab, narrowed by a search and filters. */
export interface ViewOptions {
  readonly tab: Tab;
  readonly query: string;
  readonly filters: Filters;
}

export const everything: ViewOptions = { tab: 'all', query: '', filters: noFilters };

/** Whether less is listed than the tab holds. */
export function isNarrowed({ query, filters }: ViewOptions): boolean {
  return query.trim() !== '' || filters !== noFilters;
}

/** The filter that the service lists by. */
export function filterOfView({ tab, query, filters }: ViewOptions): InboxFilter {
  const search = query.trim();
  const { read, categories, templates } = filters;
  return {
    ...(read !== undefined && { read }),
    ...filterOf(tab),
    ...(search !== '' && { search }),
    ...(categories.length > 0 && { categories }),
    ...(templates.length > 0 && { templates }),
  };
}
