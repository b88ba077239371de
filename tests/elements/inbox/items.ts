import type { InboxItem } from '../../../packages/client/src/items.ts';

/** A notification as the client holds it. */
export function anItem(id: number, over: Partial<InboxItem> = {}): InboxItem {
  return {
    id: String(id),
    uuid: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    timestamp: new Date(Date.UTC(2026, 5, 1, 12, 0, id)).toISOString(),
    status: 'inbox',
    state: 'inbox',
    read_at: null,
    seen: false,
    saved_at: null,
    snoozed_until: null,
    archived_at: null,
    expires_at: null,
    shown_at: null,
    subject: `Subject ${id}`,
    message: null,
    icon: '',
    actions: [],
    template_id: null,
    targets: [],
    collection: null,
    item: null,
    ...over,
  };
}

export const keysOfItems = (items: readonly InboxItem[]): string[] => items.map(({ id }) => id);
