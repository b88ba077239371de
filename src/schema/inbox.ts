import { noToken } from '../errors.ts';
import { encodeCursor } from '../live/feed/cursor.ts';
import { changeKinds, type FeedChange } from '../live/feed/feed-change.ts';
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
    '`created` and `updated`: the notification is in what is followed. `deleted`: it is not, or no longer. `reset`: the cursor cannot be followed from; read the inbox again.',
  values: changeKinds,
});

/** A page of an inbox, and the store it was read from. */
type StoredInbox = InboxPage & { readonly database: string };

/**
 * Runs `read` for a page. The identity of the store is taken before: if it changes meanwhile, the page belongs to the
 * old one.
 */
async function withStore(
  { identity }: Pick<GraphQLContext, 'identity'>,
  read: () => Promise<InboxPage>,
): Promise<StoredInbox> {
  const database = identity.current();
  return { ...(await read()), database };
}

const Inbox = builder.objectRef<StoredInbox>('inbox').implement({
  description: 'The inbox of one recipient: a page of it, and figures of all of it, at one moment.',
  fields: (t) => ({
    notifications: t.field({ type: [DirectusNotification], resolve: ({ notifications }) => [...notifications] }),
    unread_count: t.int({
      description: 'Those not read, whatever the arguments.',
      resolve: ({ unread }) => unread,
    }),
    total_count: t.int({ description: 'Those not archived, whatever the arguments.', resolve: ({ total }) => total }),
    cursor: t.string({
      description: 'The moment the page was read at; following from it misses nothing and repeats nothing.',
      resolve: (inbox) => encodeCursor(inbox),
    }),
  }),
});

const Change = builder.objectRef<FeedChange>('inbox_change').implement({
  description: 'What happened to one notification of an inbox.',
  fields: (t) => ({
    kind: t.field({ type: InboxChangeKind, resolve: ({ kind }) => kind }),
    notification: t.field({
      type: DirectusNotification,
      nullable: true,
      description:
        'As it is now, also when it is `deleted` for being archived or no longer matching; null when it is gone.',
      resolve: ({ notification }) => notification,
    }),
    key: t.id({ nullable: true, description: 'The integer key; null for a `reset`.', resolve: ({ key }) => key }),
    unread_count: t.int({
      description: 'Those of the caller’s own inbox not read, at the moment the change was read.',
      resolve: ({ unread }) => unread,
    }),
    total_count: t.int({
      description: 'Those of the caller’s own inbox not archived, at that moment.',
      resolve: ({ total }) => total,
    }),
    cursor: t.string({
      description: 'Where to follow on from, for whoever was told everything before this.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

builder.queryField('inbox', (t) =>
  t.field({
    type: Inbox,
    description: 'The caller’s own inbox, newest first, without what is archived.',
    args: {
      read_status: t.arg({ type: ReadStatus, defaultValue: 'all' }),
      targets: t.arg.idList({ description: 'Only notifications about all of these.' }),
      templates: t.arg.idList({ description: 'Only notifications of one of these templates.' }),
      search: t.arg.string({ description: 'Text that the subject or the message holds.' }),
      starting_before: t.arg.id({ description: 'The uuid or key of the last notification of the page before.' }),
      until_now: t.arg.boolean({
        defaultValue: false,
        description: 'Leaves out what is stamped in the future, unless the page starts before a notification.',
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
    description: 'Marks one notification read as of now, or unread: an own one, or any for an admin.',
    args: {
      id: t.arg.id({ required: true, description: 'The uuid or the integer key.' }),
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
    description: 'Marks everything in the caller’s inbox read, and answers its first page.',
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
      'Every change of the caller’s own inbox after a cursor, each notification’s newest state, in the order of the inbox. With filters, a notification that stops matching is `deleted`.',
    args: {
      after: t.arg.string({ description: 'The cursor of an inbox or of a change; left out: from now on.' }),
      read_status: t.arg({ type: ReadStatus }),
      targets: t.arg.idList({ description: 'Only notifications about all of these.' }),
      templates: t.arg.idList({ description: 'Only notifications of one of these templates.' }),
    },
    subscribe: (_root, { after, ...filter }, { viewer, feed, lastEventId }) => {
      if (viewer.kind === 'anonymous') throw noToken();
      return feed.open({ recipient: viewer.id, after: lastEventId ?? after, filter });
    },
    resolve: (change) => change,
  }),
);
