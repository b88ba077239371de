/**
 * Which notifications are selected: some by their keys, or all that the filter lists, also those that are not loaded.
 * Immutable: each function returns another selection.
 */
export interface Selection {
  readonly isAll: boolean;
  readonly keys: ReadonlySet<string>;
  /** Where a range begins. */
  readonly anchor: string | undefined;
}

export const nothingSelected: Selection = { isAll: false, keys: new Set(), anchor: undefined };

/** All that the filter lists; `keys` are those of the loaded ones. */
export function selectAll(keys: readonly string[]): Selection {
  return { isAll: true, keys: new Set(keys), anchor: undefined };
}

/** Selects or unselects one. Unselecting one of all leaves the loaded others selected. */
export function toggle({ keys }: Selection, key: string): Selection {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return { isAll: false, keys: next, anchor: key };
}

/** Selects everything between the last one toggled and `key`. @param order the keys of the list */
export function extend(selection: Selection, key: string, order: readonly string[]): Selection {
  const from = selection.anchor === undefined ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(key);
  if (from < 0 || to < 0) return toggle(selection, key);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { isAll: false, keys: new Set([...selection.keys, ...range]), anchor: selection.anchor };
}

/** Drops what is no longer in the list; of all, takes what was loaded since. */
export function keepListed(selection: Selection, order: readonly string[]): Selection {
  if (selection.isAll) return order.length > 0 ? selectAll(order) : nothingSelected;
  if (selection.keys.size === 0) return selection;
  const listed = new Set(order);
  const keys = [...selection.keys].filter((key) => listed.has(key));
  if (keys.length === selection.keys.size) return selection;
  return keys.length > 0 ? { ...selection, keys: new Set(keys) } : nothingSelected;
}

export function isSelected(selection: Selection, key: string): boolean {
  return selection.keys.has(key);
}

export function isEmpty(selection: Selection): boolean {
  return selection.keys.size === 0;
}
