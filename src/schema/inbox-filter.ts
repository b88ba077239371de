import type { ItemFilter } from '../notifications/inbox-filter.ts';
import { builder } from './builder.ts';
import { NotificationState } from './notification-states.ts';

export const InboxFilterInput = builder.inputRef<ItemFilter>('inbox_filter').implement({
  description: 'Conditions on notifications of an inbox, all of which must hold. What is left out does not restrict.',
  fields: (t) => ({
    states: t.field({
      type: [NotificationState],
      description: 'Only notifications in one of these states. Default, outside `not`: `inbox`.',
    }),
    saved: t.boolean({ description: 'Only saved notifications, or only others.' }),
    seen: t.boolean({ description: 'Only seen notifications, or only unseen ones. Not for changes.' }),
    read: t.boolean({ description: 'Only read notifications, or only unread ones.' }),
    templates: t.idList({ description: 'Only notifications of one of these templates.' }),
    targets: t.idList({ description: 'Only notifications whose `targets` contain all of these ids.' }),
    categories: t.stringList({
      description: 'Only notifications whose template is in one of these categories. Not for changes.',
    }),
    search: t.string({
      description: 'Only notifications with this text in the subject or the message. Not for changes.',
    }),
    not: t.field({
      type: InboxFilterInput,
      description: 'Only notifications that do not match this filter. It may be nested five times.',
    }),
  }),
});
