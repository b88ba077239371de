import { encodeCursor } from '../live/feed/cursor.ts';
import { changeKinds, type FeedChange } from '../live/feed/feed-change.ts';
import { inboxOwner } from '../notifications/access.ts';
import { type Inbox as InboxPage, readInbox } from '../notifications/inbox.ts';
import { readStatuses } from '../notifications/inbox-filter.ts';
import { markAllRead, setReadStatus } from '../notifications/write.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { DirectusNotification } from './notifications.ts';
import { columnsBelow } from './selection.ts';

const ReadStatus = builder.enumType('read_status', { values: readStatuses });

const InboxChangeKind = builder.enumType('inbox_change_kind', {
  description:
    '`created` and `updated`: the notification is in the inbox and matches the filters. `deleted`: it is not, or does not match. `reset`: the changes after the cursor are unknown; read the inbox again.',
  values: changeKinds,
});

/** A page of an inbox, and the store it was read from. */
type StoredInbox = InboxPage & { readonly database: string };

/**
 * Runs `read` for a page. The identity of the store is read first, so that if it changes meanwhile, the cursor belongs
 * to the old store.
 */
async function withStore(
  { identity }: Pick<GraphQLContext, 'identity'>,
  read: () => Promise<InboxPage>,
): Promise<StoredInbox> {
  const database = identity.current();
  return { ...(await read()), database };
}

const Inbox = builder.objectRef<StoredInbox>('inbox').implement({
  description: 'A page of one recipient’s inbox, and the counts of the whole inbox, read at the same moment.',
  fields: (t) => ({
    notifications: t.field({ type: [DirectusNotification], resolve: ({ notifications }) => [...notifications] }),
    unread_count: t.int({
      description: 'Number of unread notifications that are not archived, regardless of the arguments.',
      resolve: ({ unread }) => unread,
    }),
    total_count: t.int({
      description: 'Number of notifications that are not archived, regardless of the arguments.',
      resolve: ({ total }) => total,
    }),
    cursor: t.string({
      description:
        'The position in the changes at which the page was read. Following `inbox_changes` after it neither misses nor repeats a change.',
      resolve: (inbox) => encodeCursor(inbox),
    }),
  }),
});

const Change = builder.objectRef<FeedChange>('inbox_change').implement({
  description: 'A change of one notification of an inbox.',
  fields: (t) => ({
    kind: t.field({ type: InboxChangeKind, resolve: ({ kind }) => kind }),
    notification: t.field({
      type: DirectusNotification,
      nullable: true,
      description:
        'The current notification, also for `deleted` if it was archived or no longer matches; null if it was deleted.',
      resolve: ({ notification }) => notification,
    }),
    key: t.id({
      nullable: true,
      description: 'The integer key of the notification; null for `reset`.',
      resolve: ({ key }) => key,
    }),
    unread_count: t.int({
      description: 'Number of unread notifications in the caller’s own inbox when the change was read.',
      resolve: ({ unread }) => unread,
    }),
    total_count: t.int({
      description: 'Number of notifications in the caller’s own inbox when the change was read, without archived ones.',
      resolve: ({ total }) => total,
    }),
    cursor: t.string({
      description: 'The position after this change. Pass it as `after` to continue from here.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

builder.queryField('inbox', (t) =>
  t.field({
    type: Inbox,
    description: 'The caller’s own inbox, newest first, without archived notifications.',
    args: {
      read_status: t.arg({ type: ReadStatus, defaultValue: 'all' }),
      targets: t.arg.idList({ description: 'Only notifications whose `targets` contain all of these ids.' }),
      templates: t.arg.idList({ description: 'Only notifications of one of these templates.' }),
      search: t.arg.string({ description: 'Finds notifications with this text in the subject or the message.' }),
      starting_before: t.arg.id({ description: 'The uuid or key of the last notification of the previous page.' }),
      until_now: t.arg.boolean({
        defaultValue: false,
        description: 'Leaves out notifications whose timestamp is in the future. Ignored with `starting_before`.',
      }),
      limit: t.arg.int({ defaultValue: 25 }),
    },
    resolve: (_root, args, context, info) =>
      withStore(context, () => readInbox(context, columnsBelow(info, ['notifications'], 'id'), args)),
  }),
);

builder.mutationFields((t) => ({
  set_notification_read_status: t.field({
    type: Change,
    description:
      'Marks a notification as read now, or as unread. Members may change their own notifications, admins all.',
    args: {
      id: t.arg.id({ required: true, description: 'The uuid or the integer key of a notification.' }),
      is_read: t.arg.boolean({ required: true }),
    },
    resolve: async (_root, { id, is_read }, context): Promise<FeedChange> => {
      const database = context.identity.current();
      const { notification, unread, total } = await setReadStatus(context, id, is_read);
      const { id: key, recipient_id: recipient, version } = notification;
      const cursor = encodeCursor({ database, recipient, version });
      return { kind: 'updated', notification, key, unread, total, cursor };
    },
  }),
  mark_all_notifications_as_read: t.field({
    type: Inbox,
    description: 'Marks everything in the caller’s inbox as read, and returns its first page.',
    resolve: async (_root, _args, context, info) => {
      await markAllRead(context);
      return withStore(context, () => readInbox(context, columnsBelow(info, ['notifications'], 'id'), {}));
    },
  }),
}));

builder.subscriptionField('inbox_changes', (t) =>
  t.field({
    type: Change,
    description:
      'Every change of the caller’s own inbox after a cursor, in the order of the changes, each with the current state of the notification. With filters, a notification that stops matching is `deleted`.',
    args: {
      after: t.arg.string({ description: 'The cursor of an inbox or of a change. Default: now.' }),
      read_status: t.arg({ type: ReadStatus }),
      targets: t.arg.idList({ description: 'Only notifications whose `targets` contain all of these ids.' }),
      templates: t.arg.idList({ description: 'Only notifications of one of these templates.' }),
    },
    subscribe: (_root, { after, ...filter }, { viewer, feed, lastEventId }) => {
      const { id: recipient } = inboxOwner(viewer, 'read');
      return feed.open({ recipient, after: lastEventId ?? after, filter });
    },
    resolve: (change) => change,
  }),
);
