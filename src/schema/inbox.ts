import type { GraphQLResolveInfo } from 'graphql';
import { encodeCursor } from '../live/feed/cursor.ts';
import { changeKinds, type FeedChange } from '../live/feed/feed-change.ts';
import { inboxOwner } from '../notifications/access.ts';
import { type Inbox as InboxPage, readFigures, readInbox } from '../notifications/inbox.ts';
import { readStatuses } from '../notifications/inbox-filter.ts';
import type { InboxArguments } from '../notifications/sql/inbox-page.ts';
import type { Figures } from '../notifications/states.ts';
import { markAllRead, setReadStatus } from '../notifications/write.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { InboxFilterInput } from './inbox-filter.ts';
import { DirectusNotification } from './notifications.ts';
import { columnsBelow, namesBelow } from './selection.ts';

const ReadStatus = builder.enumType('read_status', { values: readStatuses });

const InboxChangeKind = builder.enumType('inbox_change_kind', {
  description:
    '`created` and `updated`: the notification is in the inbox and matches the filters. `deleted`: it is not, or does not match. `counted`: only the counts changed, or a notification that does not match; sent to those who select one of `unseen_count`, `saved_count` and `snoozed_count`. `reset`: the changes after the cursor are unknown; read the inbox again.',
  values: changeKinds,
});

/** A page of an inbox, and the store it was read from. */
type StoredInbox = InboxPage & { readonly database: string };

const figureNames: readonly (keyof Figures)[] = ['unseen', 'saved', 'snoozed'];

/** The figures selected directly below a field. They are counted only then. */
function figuresBelow(info: GraphQLResolveInfo): readonly (keyof Figures)[] {
  const names = namesBelow(info);
  return figureNames.filter((name) => names.has(`${name}_count`));
}

/**
 * Reads the page that a field returns, with the columns and figures selected below it. The identity of the store is
 * read first, so that if it changes meanwhile, the cursor belongs to the old store.
 */
export async function readPage(
  context: GraphQLContext,
  info: GraphQLResolveInfo,
  args: InboxArguments = {},
): Promise<StoredInbox> {
  const database = context.identity.current();
  const columns = columnsBelow(info, ['notifications'], 'id');
  return { ...(await readInbox(context, columns, args, figuresBelow(info))), database };
}

/** The figures of the caller's own inbox, for a change that was not read by a feed. */
const figuresOf = new WeakMap<FeedChange, Promise<Figures>>();

function figureOf(change: FeedChange, name: keyof Figures, context: GraphQLContext): number | Promise<number> {
  if (change.figures) return change.figures[name];
  const figures = figuresOf.get(change) ?? readFigures(context);
  figuresOf.set(change, figures);
  return figures.then((counted) => counted[name]);
}

export const Inbox = builder.objectRef<StoredInbox>('inbox').implement({
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
    unseen_count: t.int({
      description: 'Number of unseen notifications, regardless of the arguments; see `mark_inbox_seen`.',
      resolve: ({ figures }) => figures.unseen ?? 0,
    }),
    saved_count: t.int({
      description: 'Number of saved notifications in any state, regardless of the arguments.',
      resolve: ({ figures }) => figures.saved ?? 0,
    }),
    snoozed_count: t.int({
      description: 'Number of snoozed notifications, regardless of the arguments.',
      resolve: ({ figures }) => figures.snoozed ?? 0,
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
      description: 'The integer key of the notification; null for `counted` and `reset`.',
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
    unseen_count: t.int({
      description: 'Number of unseen notifications in the caller’s own inbox when the change was read.',
      resolve: (change, _args, context) => figureOf(change, 'unseen', context),
    }),
    saved_count: t.int({
      description: 'Number of saved notifications, in any state, in the caller’s own inbox when the change was read.',
      resolve: (change, _args, context) => figureOf(change, 'saved', context),
    }),
    snoozed_count: t.int({
      description: 'Number of snoozed notifications in the caller’s own inbox when the change was read.',
      resolve: (change, _args, context) => figureOf(change, 'snoozed', context),
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
      filter: t.arg({
        type: InboxFilterInput,
        description: 'Only notifications that match; with `states`, also archived and snoozed ones.',
      }),
      search: t.arg.string({ description: 'Finds notifications with this text in the subject or the message.' }),
      starting_before: t.arg.id({ description: 'The uuid or key of the last notification of the previous page.' }),
      until_now: t.arg.boolean({
        defaultValue: false,
        description: 'Leaves out notifications whose timestamp is in the future. Ignored with `starting_before`.',
      }),
      limit: t.arg.int({ defaultValue: 25 }),
    },
    resolve: (_root, args, context, info) => readPage(context, info, args),
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
      return readPage(context, info);
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
      filter: t.arg({
        type: InboxFilterInput,
        description: 'Only notifications that match; without `seen`, `categories` and `search`.',
      }),
    },
    subscribe: (_root, { after, ...filter }, { viewer, feed, lastEventId }, info) => {
      const { id: recipient } = inboxOwner(viewer, 'read');
      return feed.open({
        recipient,
        after: lastEventId ?? after,
        filter,
        wantsFigures: figuresBelow(info).length > 0,
      });
    },
    resolve: (change) => change,
  }),
);
