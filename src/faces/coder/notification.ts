/** What the fragment gives: the dialect's item, but for what the schema may leave empty and the dialect may not. */
export interface SelectedNotification {
  readonly template_id: string | null;
  readonly content: string | null;
  readonly created_at: string | null;
}

/** The selection that spells an item of the inbox. */
export function notificationFields({ title, content }: { readonly title: string; readonly content: string }): string {
  return `id: uuid user_id: recipient_key template_id targets title: ${title} content: ${content} icon
    actions { label url } read_at created_at: timestamp`;
}

/** The item with its Markdown as it is. */
export const markdownFields = notificationFields({ title: 'subject', content: 'message' });

/** A notification that was not made from a template counts as one of *Custom Notification*. */
const customTemplate = '39b1e189-c857-4b0c-877a-511144c18516';
/** How the dialect writes a time that is not known. */
const noTime = '0001-01-01T00:00:00Z';

/** Fills what the dialect has no null for. */
export function toInboxNotification<Selected extends SelectedNotification>(selected: Selected) {
  const { template_id, content, created_at } = selected;
  return {
    ...selected,
    template_id: template_id ?? customTemplate,
    content: content ?? '',
    created_at: created_at ?? noTime,
  };
}
