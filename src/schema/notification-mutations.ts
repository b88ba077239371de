import type { InputFieldBuilder } from '@pothos/core';
import { forbidden } from '../errors.ts';
import { prepareReread } from '../notifications/read.ts';
import {
  createNotifications,
  deleteNotifications,
  notificationKey,
  updateNotifications,
  updateNotificationsBatch,
} from '../notifications/write.ts';
import { type BuilderTypes, builder } from './builder.ts';
import { DeleteMany, DeleteOne } from './deletions.ts';
import { NotificationsFilter } from './filters.ts';
import { changeOf, listArguments, nonNullItems } from './list-arguments.ts';
import { ExpiryAction } from './notification-states.ts';
import { DirectusNotification } from './notifications.ts';
import { columnsOf } from './selection.ts';

/** @param timestamp description of the input field `timestamp` */
const writable = (timestamp: string) => (t: InputFieldBuilder<BuilderTypes, 'InputObject'>) => ({
  id: t.id({ description: 'A key chosen by the caller, from 1 to 2^53 − 1. Ignored by updates.' }),
  timestamp: t.field({ type: 'Date', description: timestamp }),
  status: t.string({ description: '`inbox` or `archived`.', extensions: { directus: { writableBy: 'member' } } }),
  recipient: t.field({ type: 'directus_users_key' }),
  sender: t.field({ type: 'directus_users_key' }),
  subject: t.string({
    description: 'Plain text of at most 255 characters. Default: the first line of the message.',
  }),
  message: t.string({ description: 'Markdown.' }),
  collection: t.string(),
  item: t.string(),
});

const createWritable = writable(
  'Validated and ignored: a notification gets the time of its creation, and cannot be scheduled.',
);
const CreateInput = builder.inputType('create_directus_notifications_input', {
  fields: (t) => ({
    ...createWritable(t),
    expires_at: t.field({
      type: 'Date',
      description:
        'When it is archived or deleted by itself. An e-mail about it that has not been sent is not sent then.',
    }),
    on_expiry: t.field({ type: ExpiryAction, description: 'What happens when it expires. Default: `archive`.' }),
  }),
});
const UpdateInput = builder.inputType('update_directus_notifications_input', {
  fields: writable(
    'The time that is shown and used for sorting. It does not schedule anything: the notification stays visible.',
  ),
});
const nullableItems = { list: false, items: false } as const;
const returned = 'The other arguments apply only to the returned list.';

builder.mutationFields((t) => ({
  create_notifications_items: t.field({
    type: [DirectusNotification],
    description: `Creates all of them, or none if one is invalid. ${returned}`,
    args: {
      ...listArguments(t.arg, NotificationsFilter),
      data: t.arg({ type: [CreateInput], required: nullableItems }),
    },
    resolve: async (_root, { data, ...args }, context, info) => {
      const reread = await prepareReread(context, columnsOf(info, 'id'), args);
      return reread(await createNotifications(context, nonNullItems(data)));
    },
  }),
  create_notifications_item: t.field({
    type: DirectusNotification,
    nullable: true,
    args: { data: t.arg({ type: CreateInput, required: true }) },
    resolve: async (_root, { data }, context) => (await createNotifications(context, [data]))[0] ?? null,
  }),
  update_notifications_items: t.field({
    type: [DirectusNotification],
    description: `Makes the same change to many rows, all or none. ${returned}`,
    args: {
      ...listArguments(t.arg, NotificationsFilter),
      ids: t.arg.idList({ required: { list: true, items: false } }),
      data: t.arg({ type: UpdateInput }),
    },
    resolve: async (_root, { ids, data, ...args }, context, info) => {
      const reread = await prepareReread(context, columnsOf(info, 'id'), args);
      return reread(await updateNotifications(context, nonNullItems(ids).map(notificationKey), changeOf(data)));
    },
  }),
  update_notifications_batch: t.field({
    type: [DirectusNotification],
    description: `Changes each row as described by its element, all or none; every element needs an \`id\`. ${returned}`,
    args: {
      ...listArguments(t.arg, NotificationsFilter),
      data: t.arg({ type: [UpdateInput], required: nullableItems }),
    },
    resolve: async (_root, { data, ...args }, context, info) => {
      const reread = await prepareReread(context, columnsOf(info, 'id'), args);
      return reread(await updateNotificationsBatch(context, nonNullItems(data)));
    },
  }),
  update_notifications_item: t.field({
    type: DirectusNotification,
    nullable: true,
    args: { id: t.arg.id({ required: true }), data: t.arg({ type: UpdateInput }) },
    resolve: async (_root, { id, data }, context) => {
      const key = notificationKey(id);
      const [changed] = await updateNotifications(context, [key], changeOf(data));
      if (changed === undefined) throw forbidden();
      return changed;
    },
  }),
  delete_notifications_items: t.field({
    type: DeleteMany,
    nullable: true,
    args: { ids: t.arg.idList({ required: { list: true, items: false } }) },
    resolve: async (_root, { ids }, context) => {
      await deleteNotifications(context, nonNullItems(ids).map(notificationKey));
      return { ids: nonNullItems(ids) };
    },
  }),
  delete_notifications_item: t.field({
    type: DeleteOne,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await deleteNotifications(context, [notificationKey(id)]);
      return { id };
    },
  }),
}));
