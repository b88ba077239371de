import type { JsonSchema } from '../shared/json-schema.ts';
import { changed, withoutNull } from './answer-schemas.ts';

/** The selected fields that may be null in the schema but not in Coder's API. */
export interface SelectedNotification {
  readonly template_id: string | null;
  readonly content: string | null;
  readonly created_at: string | null;
}

/** The GraphQL selection for one notification, under Coder's names. */
export function notificationFields({ title, content }: { readonly title: string; readonly content: string }): string {
  return `id: uuid user_id: recipient_key template_id targets title: ${title} content: ${content} icon
    actions { label url } read_at created_at: timestamp`;
}

/** The selection with Markdown unconverted. */
export const markdownFields = notificationFields({ title: 'subject', content: 'message' });

/** Converts the schema of the selected fields to that of the result of `toInboxNotification`. */
export const describeNotification = (selected: JsonSchema): JsonSchema =>
  changed(withoutNull(selected), { template_id: withoutNull, content: withoutNull, created_at: withoutNull });

/** The template *Custom Notification*, used for notifications without a template. */
const customTemplate = '39b1e189-c857-4b0c-877a-511144c18516';
/** The zero time, which Coder writes for an unknown time. */
const noTime = '0001-01-01T00:00:00Z';

/** Replaces null in the fields that are never null in Coder's API. */
export function toInboxNotification<Selected extends SelectedNotification>(selected: Selected) {
  const { template_id, content, created_at } = selected;
  return {
    ...selected,
    template_id: template_id ?? customTemplate,
    content: content ?? '',
    created_at: created_at ?? noTime,
  };
}
