import type { Target } from './actions.ts';
import type { HeadHandlers } from './head.ts';
import type { MenuHandlers } from './menus.ts';
import type { InboxModel } from './model.ts';
import { nothingSelected, selectAll, toggle } from './selection.ts';

/** How long people type before it is searched, in milliseconds. */
const typingMs = 250;

interface Means {
  readonly update: () => void;
  readonly openSearch: () => void;
}

/** What the controls at the top do. */
export function headHandlers(model: InboxModel, { update, openSearch }: Means): HeadHandlers {
  const selected = (): Target => (model.selection.isAll ? 'all' : { keys: [...model.selection.keys] });
  return {
    markAllRead: () => model.perform('read', 'all'),
    toggleSearch() {
      if (!model.isSearching) {
        openSearch();
        return;
      }
      model.isSearching = false;
      if (model.options.query !== '') model.setView({ query: '' });
      update();
    },
    search(query) {
      clearTimeout(model.searchTimer);
      model.searchTimer = setTimeout(() => model.setView({ query }), typingMs);
    },
    leaveSearch() {
      clearTimeout(model.searchTimer);
      model.isSearching = false;
      if (model.options.query !== '') model.setView({ query: '' });
      update();
      model.navigator.focusActive();
    },
    filter: (anchor) => model.toggleFilter(anchor),
    help() {
      model.isHelpOpen = true;
      update();
    },
    selectAll(isAll) {
      model.selection = isAll ? selectAll(model.list.view().keys) : nothingSelected;
      update();
    },
    deed: (deed, anchor) => model.deed(deed, selected(), anchor),
  };
}

/** What the items of the menus do. */
export function menuHandlers(model: InboxModel, update: () => void): MenuHandlers {
  const { popup } = model;
  const closeThen = (act: () => void) => {
    popup.close();
    act();
  };
  return {
    onKey: popup.onKey,
    snooze: (target, until) => closeThen(() => model.perform('snooze', target, { until })),
    askTime: (content) => popup.replace(content),
    remove: (target) => closeThen(() => model.perform('delete', target)),
    doItem(deed, item) {
      const target = { keys: [item.id] };
      if (deed === 'ask-snooze') popup.replace({ kind: 'snooze', target, count: 1 });
      else if (deed === 'ask-delete') popup.replace({ kind: 'delete', target, count: 1 });
      else closeThen(() => model.perform(deed, target));
    },
    select: (item) =>
      closeThen(() => {
        model.selection = toggle(model.selection, item.id);
        update();
      }),
    close: () => popup.close(),
  };
}
