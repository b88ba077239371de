import type { GraphQLResolveInfo } from 'graphql';
import { isSubjectText, type Notification, type NotificationAction } from '../notifications/model.ts';
import { getNotification, listNotifications } from '../notifications/read.ts';
import { notificationKey } from '../notifications/write.ts';
import { iconOf } from '../templates/icon.ts';
import { markdownToPlain } from '../templates/plain-text.ts';
import { builder, type FieldExtensions } from './builder.ts';
import { DatetimeFunctions } from './datetime.ts';
import { NotificationsFilter, UsersFilter } from './filters.ts';
import { listArguments } from './list-arguments.ts';
import { columnsOf, plainRelations } from './selection.ts';
import type { WantedUsers } from './user-loader.ts';
import { DirectusUser } from './users.ts';

const NotificationActions = builder.objectRef<NotificationAction>('notification_actions').implement({
  description: 'A button of a notification.',
  fields: (t) => ({ label: t.exposeString('label'), url: t.exposeString('url') }),
});

/** Extensions of a plain field: its column, and how the Directus face shows it, if it does. */
const column = (name: keyof Notification, more: FieldExtensions = {}) =>
  ({ columns: [name], plain: true, ...more }) as const;
const starred = { directus: { star: true, readableBy: 'member', kind: 'plain' } } as const;

const TextFormat = builder.enumType('text_format', { values: ['text', 'markdown'] as const });
const subjectFormat = ['template_id', 'subject_written'] as const;

/** Computes a value once per row, however many aliases select it. */
function oncePerRow<Value>(make: (row: Notification) => Value): (row: Notification) => Value {
  const made = new WeakMap<Notification, { readonly value: Value }>();
  return (row) => {
    const cached = made.get(row) ?? { value: make(row) };
    made.set(row, cached);
    return cached.value;
  };
}

export const DirectusNotification = builder.prismaObject('Notification', {
  name: 'directus_notifications',
  description: 'A notification to one recipient.',
  fields: (t) => ({
    id: t.exposeID('id', { extensions: column('id', { directus: { star: true, readableBy: 'member', kind: 'id' } }) }),
    timestamp: t.expose('timestamp', {
      type: 'Date',
      nullable: true,
      extensions: column('timestamp', {
        directus: { star: true, readableBy: 'member', kind: 'date', functionsField: 'timestamp_func' },
      }),
    }),
    status: t.exposeString('status', { nullable: true, extensions: column('status', starred) }),
    recipient: t.field({
      type: DirectusUser,
      nullable: true,
      description: 'Null if the caller may not read the user, or the user does not match the arguments.',
      args: listArguments(t.arg, UsersFilter),
      extensions: {
        columns: ['recipient_id'],
        directus: { star: true, readableBy: 'member', kind: 'relation', keyField: 'recipient_key' },
      },
      resolve: (row, args, context, info) => context.users.load(row, row.recipient_id, args, columnsOf(info, 'id')),
    }),
    sender: t.field({
      type: DirectusUser,
      nullable: true,
      description:
        'Null if there is no sender, the caller may not read the user, or the user does not match the arguments.',
      args: listArguments(t.arg, UsersFilter),
      extensions: {
        columns: ['sender_id'],
        directus: { star: true, readableBy: 'member', kind: 'relation', keyField: 'sender_key' },
      },
      resolve: (row, args, context, info) =>
        row.sender_id === null ? null : context.users.load(row, row.sender_id, args, columnsOf(info, 'id')),
    }),
    subject: t.exposeString('subject', { extensions: column('subject', starred) }),
    message: t.exposeString('message', { nullable: true, extensions: column('message', starred) }),
    collection: t.exposeString('collection', { nullable: true, extensions: column('collection', starred) }),
    item: t.exposeString('item', { nullable: true, extensions: column('item', starred) }),
    timestamp_func: t.field({
      type: DatetimeFunctions,
      nullable: true,
      extensions: { columns: ['timestamp'] },
      resolve: ({ timestamp }) => (timestamp === null ? null : new Date(timestamp)),
    }),
    recipient_key: t.exposeID('recipient_id', {
      description: 'The id of the recipient, even if the caller may not read the user.',
      extensions: { columns: ['recipient_id'] },
    }),
    sender_key: t.exposeID('sender_id', { nullable: true, extensions: { columns: ['sender_id'] } }),
    uuid: t.exposeID('uuid', {
      description: 'The id of the notification in the API under `/api/v2`.',
      extensions: column('uuid', { directus: { star: false, readableBy: 'member', kind: 'plain' } }),
    }),
    read_at: t.expose('read_at', {
      type: 'Date',
      nullable: true,
      description: 'When it was read; null while unread. Archiving does not change it.',
      extensions: column('read_at', {
        directus: { star: false, readableBy: 'member', kind: 'date', functionsField: 'read_at_func' },
      }),
    }),
    read_at_func: t.field({
      type: DatetimeFunctions,
      nullable: true,
      extensions: { columns: ['read_at'] },
      resolve: ({ read_at }) => (read_at === null ? null : new Date(read_at)),
    }),
    template_id: t.exposeID('template_id', {
      nullable: true,
      extensions: column('template_id', { directus: { star: false, readableBy: 'member', kind: 'plain' } }),
    }),
    targets: t.field({
      type: ['ID'],
      description: 'Ids of the objects in the application that the notification is about.',
      extensions: column('targets', { directus: { star: false, readableBy: 'member', kind: 'plain' } }),
      resolve: ({ targets }) => [...targets],
    }),
    icon: t.string({
      description: 'The icon of the notification, or that of its template. Never empty.',
      extensions: { columns: ['icon', 'template_id'], directus: { star: false, readableBy: 'member', kind: 'plain' } },
      resolve: oncePerRow(iconOf),
    }),
    subject_plain: t.string({
      description: 'The subject as plain text: Markdown is removed, plain text is unchanged.',
      extensions: { columns: ['subject', ...subjectFormat] },
      resolve: oncePerRow((row) => (isSubjectText(row) ? row.subject : markdownToPlain(row.subject))),
    }),
    subject_format: t.field({
      type: TextFormat,
      description: 'The format of the subject: `text` if a person wrote it, `markdown` if a template rendered it.',
      extensions: { columns: subjectFormat },
      resolve: (row) => (isSubjectText(row) ? 'text' : 'markdown'),
    }),
    message_plain: t.string({
      nullable: true,
      description:
        'The message as plain text, converted from Markdown or HTML: blocks are separated by empty lines and table cells by ` | `, links are `text (url)`, images are their descriptions.',
      extensions: { columns: ['message'] },
      resolve: oncePerRow(({ message }) => (message === null ? null : markdownToPlain(message))),
    }),
    actions: t.field({
      type: [NotificationActions],
      extensions: { columns: ['actions'] },
      resolve: ({ actions }) => actions,
    }),
  }),
});

/** The users selected directly below a field of notifications. */
function usersBelow(info: GraphQLResolveInfo): readonly WantedUsers<Notification>[] {
  return plainRelations(info, 'id').flatMap(({ name, columns }) =>
    name === 'recipient' || name === 'sender'
      ? [{ columns, idOf: name === 'sender' ? (row) => row.sender_id : (row) => row.recipient_id }]
      : [],
  );
}

builder.queryFields((t) => ({
  notifications: t.field({
    type: [DirectusNotification],
    description: 'The notifications that the caller may see: all for admins and readers, their own for other roles.',
    args: listArguments(t.arg, NotificationsFilter),
    resolve: async (_root, args, context, info) => {
      const rows = await listNotifications(context, columnsOf(info, 'id'), args);
      const wanted = usersBelow(info);
      if (wanted.length > 0) await context.users.prime(rows, wanted);
      return rows;
    },
  }),
  notifications_by_id: t.field({
    type: DirectusNotification,
    nullable: true,
    args: { id: t.arg.id({ required: true }), version: t.arg.string({ description: 'Accepted and ignored.' }) },
    resolve: (_root, { id }, context, info) => getNotification(context, notificationKey(id), columnsOf(info, 'id')),
  }),
}));
