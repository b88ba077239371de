import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import { deliveriesById, deliveriesOf, listDeliveries } from '../deliveries/log.ts';
import type { Delivery } from '../deliveries/model.ts';
import { type Skipped, sendAndListSkipped, sendNotification } from '../dispatch/enqueue.ts';
import type { NewMessage } from '../dispatch/input.ts';
import { retryDeliveries } from '../dispatch/retry-deliveries.ts';
import { sendCustomNotification, sendTestNotification } from '../dispatch/send-to-self.ts';
import type { Notification } from '../notifications/model.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { given } from './list-arguments.ts';
import { DirectusNotification } from './notifications.ts';
import { selectedFields } from './selection.ts';

export const NotificationDelivery = builder.prismaObject('Delivery', {
  name: 'notification_deliveries',
  description: 'A line of the delivery log: one message to one user by one method.',
  fields: (t) => ({
    id: t.exposeID('id'),
    template_id: t.exposeID('template_id', { nullable: true }),
    user_id: t.exposeID('user_id'),
    method: t.exposeString('method', { description: '`smtp`, `webhook` or `inbox`.' }),
    status: t.exposeString('status', {
      description: '`pending`, `leased`, `sent`, `temporary_failure`, `permanent_failure` or `inhibited`.',
    }),
    status_reason: t.exposeString('status_reason', { nullable: true }),
    attempt_count: t.exposeInt('attempt_count'),
    next_retry_after: t.expose('next_retry_after', { type: 'Date', nullable: true }),
    targets: t.field({ type: ['ID'], resolve: ({ targets }) => [...targets] }),
    created_by: t.exposeString('created_by'),
    created_at: t.expose('created_at', { type: 'Date' }),
    updated_at: t.expose('updated_at', { type: 'Date', nullable: true }),
  }),
});

const loaders = new WeakMap<GraphQLContext, DataLoader<Notification, readonly Delivery[]>>();

/** Loads the deliveries of all notifications of one request in one query. */
function loaderOf(context: GraphQLContext): DataLoader<Notification, readonly Delivery[]> {
  const known = loaders.get(context);
  if (known) return known;
  const loader = new DataLoader<Notification, readonly Delivery[]>(
    async (rows) => {
      const found = await deliveriesOf(context, rows);
      return rows.map(({ id }) => found.get(id) ?? []);
    },
    { cache: false },
  );
  loaders.set(context, loader);
  return loader;
}

builder.objectField(DirectusNotification, 'deliveries', (t) =>
  t.field({
    type: [NotificationDelivery],
    description: 'The deliveries that made it or followed from it; for admins.',
    extensions: { columns: ['id', 'uuid'] },
    resolve: async (row, _args, context) => [...(await loaderOf(context).load(row))],
  }),
);

const DeliveriesFilter = builder.inputType('notification_deliveries_filter', {
  fields: (t) => ({
    status: t.stringList(),
    method: t.stringList(),
    user: t.id(),
    template: t.id(),
  }),
});

const SendInput = builder.inputType('send_notification_input', {
  fields: (t) => ({
    template: t.id({ required: true }),
    recipients: t.idList({ required: true, description: 'The users to tell.' }),
    labels: t.field({
      type: 'JSON',
      description:
        'Names to texts, for the template. Those that its title or body shows in any case must be there; further ones may.',
    }),
    data: t.field({ type: 'JSON', description: 'Any JSON, for the template.' }),
    targets: t.idList({ description: 'What it is about: ids of the things of the application.' }),
    dedupe: t.boolean({
      description: 'True when not given: what was sent with the same content on the same day (UTC) is left out.',
    }),
  }),
});

/** Converts the input to the argument of `sendNotification`; omits missing fields. */
function messageOf({ labels, data, targets, ...message }: typeof SendInput.$inferInput): NewMessage {
  return {
    ...message,
    ...(targets && { targets: given(targets) }),
    ...(labels !== null && labels !== undefined && { labels }),
    ...(data !== undefined && { data }),
  };
}

const SkippedDelivery = builder.objectRef<Skipped>('skipped_deliveries').implement({
  description: 'A delivery that was not enqueued.',
  fields: (t) => ({
    recipient: t.exposeID('recipient'),
    method: t.exposeString('method', { nullable: true, description: 'Null where it holds for every method.' }),
    reason: t.exposeString('reason', { description: 'In words, such as `already sent today`.' }),
  }),
});

const EnqueuedNotification = builder
  .objectRef<{ readonly ids: readonly string[]; readonly skipped: readonly Skipped[] }>('enqueued_notifications')
  .implement({
    description: 'What sending one template to many users came to.',
    fields: (t) => ({
      deliveries: t.field({
        type: [NotificationDelivery],
        description: 'What was enqueued.',
        resolve: ({ ids }, _args, context, info) => enqueued(context, ids, info),
      }),
      skipped: t.field({
        type: [SkippedDelivery],
        description: 'What was left out.',
        resolve: ({ skipped }) => [...skipped],
      }),
    }),
  });

builder.queryField('notification_deliveries', (t) =>
  t.field({
    type: [NotificationDelivery],
    description: 'The delivery log, newest first; for admins.',
    args: {
      filter: t.arg({ type: DeliveriesFilter }),
      limit: t.arg.int({ description: '100 when not given, at most 1000.' }),
      after: t.arg.string({ description: 'The id of the last line of the page before.' }),
    },
    resolve: (_root, { filter, limit, after }, context) => listDeliveries(context, filter ?? {}, { limit, after }),
  }),
);

builder.mutationFields((t) => ({
  send_notification: t.field({
    type: [NotificationDelivery],
    description:
      'Sends one template to many users: a delivery for each user and method, all or none. Gives what was enqueued: users who disabled it, and what was sent with the same content on the same day (UTC), are left out; `enqueue_notification` tells of them.',
    args: { data: t.arg({ type: SendInput, required: true }) },
    resolve: async (_root, { data }, context, info) => {
      const { ids } = await sendNotification(context, messageOf(data));
      return enqueued(context, Object.values(ids).flat(), info);
    },
  }),
  enqueue_notification: t.field({
    type: EnqueuedNotification,
    description: 'As `send_notification`, and tells what was left out and why; for admins.',
    args: { data: t.arg({ type: SendInput, required: true }) },
    resolve: async (_root, { data }, context) => {
      const { enqueued: stored, skipped } = await sendAndListSkipped(context, messageOf(data));
      return { ids: Object.values(stored.ids).flat(), skipped };
    },
  }),
  retry_deliveries: t.field({
    type: [NotificationDelivery],
    description:
      'Tries deliveries again that were given up: status `permanent_failure`, or `inhibited` with the reason `expired`. They keep their ids; attempts and age count anew. Answers what was queued again: of what a filter matches the oldest, at most `MAX_BATCH_MUTATION`, so repeat it until nothing is answered. For admins.',
    args: {
      ids: t.arg.idList({ description: 'Deliveries; those that are unknown or not given up are left out.' }),
      filter: t.arg({ type: DeliveriesFilter, description: 'Instead of ids; several conditions must all hold.' }),
    },
    resolve: async (_root, { ids, filter }, context, info) =>
      enqueued(context, await retryDeliveries(context, { ids: ids && given(ids), filter }), info),
  }),
  send_test_notification: t.boolean({
    description: 'Sends the caller a message that shows that messages arrive; admins only.',
    resolve: async (_root, _args, context) => {
      await sendTestNotification(context);
      return true;
    },
  }),
  send_custom_notification: t.boolean({
    description: 'Sends the caller a message in their own words.',
    args: { title: t.arg.string({ required: true }), message: t.arg.string({ required: true }) },
    resolve: async (_root, message, context) => {
      await sendCustomNotification(context, message);
      return true;
    },
  }),
}));

/** The queued deliveries. They are read only if more than their ids is selected: there can be a hundred thousand. */
async function enqueued(context: GraphQLContext, ids: readonly string[], info: GraphQLResolveInfo) {
  const names = info.fieldNodes.flatMap(({ selectionSet }) => selectedFields(selectionSet, info));
  const isIdOnly = names.every(({ name }) => name.value === 'id' || name.value === '__typename');
  // The cast: only the id is selected.
  return isIdOnly ? ids.map((id) => ({ id }) as Delivery) : deliveriesById(context, ids);
}
