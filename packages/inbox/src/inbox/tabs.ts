import type { InboxCounts, InboxFilter } from '@tidings/client';

export const allTabs = ['all', 'unread', 'saved', 'snoozed', 'archived'] as const;
export type Tab = (typeof allTabs)[number];

/** The tabs named by the attribute `tabs`, each once, in its order. Unknown names are left out; none at all means all. */
export function tabsOf(names: string | null | undefined): readonly Tab[] {
  const named = (names ?? '').split(/[\s,]+/).filter((name): name is Tab => allTabs.includes(name as Tab));
  return named.length > 0 ? [...new Set(named)] : allTabs;
}

const filters: Readonly<Record<Tab, InboxFilter>> = {
  all: {},
  unread: { read: false },
  saved: { saved: true, states: ['inbox', 'snoozed', 'archived'] },
  snoozed: { states: ['snoozed'] },
  archived: { states: ['archived'] },
};

/** What the list of a tab holds. */
export function filterOf(tab: Tab): InboxFilter {
  return filters[tab];
}

/** The service's own figure for a tab; undefined where it has none. */
export function figureOf(tab: Tab, counts: InboxCounts): number | undefined {
  if (tab === 'all') return counts.total;
  return tab === 'archived' ? undefined : counts[tab];
}
