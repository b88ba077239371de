import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import { explanationOf } from '../deliveries/explanation.ts';
import { deliveriesById, deliveriesOf, listDeliveries } from '../deliveries/log.ts';
import type { Delivery } from '../deliveries/model.ts';
import { sendAndListSkipped, sendNotification } from '../dispatch/enqueue.ts';
import type { NewMessage } from '../dispatch/input.ts';
import { customLimits } from '../dispatch/own-text.ts';
import { retryDeliveries } from '../dispatch/retry-deliveries.ts';
import { sendCustomNotification, sendTestNotification } from '../dispatch/send-to-self.ts';
import type { Skipped } from '../dispatch/skipped.ts';
import { failedValidation } from '../errors.ts';
import type { Notification } from '../notifications/model.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { DecisionRuleEnum, ExplanationType } from './decisions.ts';
import { nonNullItems } from './list-arguments.ts';
import { ExpiryAction } from './notification-states.ts';
import { DirectusNotification } from './notifications.ts';
import { selectedFields } from './selection.ts';

export const NotificationDelivery = builder.prismaObject('Delivery', {
  name: 'notification_deliveries',
  description: 'A row of the delivery log: one message to one user by one method.',
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
    explanation: t.field({
      type: ExplanationType,
      description: 'Why it was sent, waits or was left out.',
      resolve: (delivery) => explanationOf(delivery),
    }),
  }),
});

const loaders = new WeakMap<GraphQLContext, DataLoader<Notification, readonly Delivery[]>>();

/** Loads the deliveries of all notifications of one request in one query. */
function loaderOf(context: GraphQLContext): DataLoader<Notification, readonly Delivery[]> {
  const cached = loaders.get(context);
  if (cached) return cached;
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
    description: 'The deliveries that created the notification or that it caused. Admins only.',
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

const SendUserInput = builder.inputType('send_notification_user_input', {
  description:
    'A recipient who is created or updated: found by `external_id`, else by `email`; one of them is required.',
  fields: (t) => ({
    external_id: t.string({ description: 'The id that the application gives the user.' }),
    email: t.string({ description: 'Unique, ignoring case.' }),
    username: t.string({ description: 'Unique, ignoring case.' }),
    first_name: t.string({ description: 'Used in greetings.' }),
    last_name: t.string({ description: 'At most 255 characters.' }),
    language: t.string({ description: 'A BCP 47 language tag, such as `en-GB`.' }),
    timezone: t.string({ description: 'An IANA time zone, such as `Europe/Berlin`.' }),
  }),
});

const SendInput = builder.inputType('send_notification_input', {
  fields: (t) => ({
    template: t.id({ description: 'The id of the template; or give `title` and `message` instead.' }),
    title: t.string({
      description: `The title of a text of your own, plain text of at most ${customLimits.title} bytes. It is sent by the template *Custom Notification*: users who disabled that do not receive it.`,
    }),
    message: t.string({
      description: `The text that belongs to \`title\`, in Markdown, at most ${customLimits.message} bytes.`,
    }),
    recipients: t.idList({ description: `The users who receive the message, each as ${userKeyRule}.` }),
    users: t.field({
      type: [SendUserInput],
      description:
        'Further recipients, who are created or updated in the transaction that stores the message, as by `upsert_users`. Requires the right to manage users.',
    }),
    labels: t.field({
      type: 'JSON',
      description:
        'An object of names and strings for the template. Labels that its title or body always shows are required.',
    }),
    data: t.field({ type: 'JSON', description: 'Any JSON; the template can use it.' }),
    targets: t.idList({ description: 'Ids of the objects in the application that the message is about.' }),
    expires_at: t.field({
      type: 'Date',
      description: 'When the message is no longer sent, and the notifications that it became are archived or deleted.',
    }),
    on_expiry: t.field({ type: ExpiryAction, description: 'What happens to them then. Default: `archive`.' }),
    dedupe: t.boolean({
      description: 'Whether to skip messages already sent with the same content on the same day (UTC). Default: true.',
    }),
  }),
});

/** Converts the input to the argument of `sendNotification`; omits missing fields. */
function messageOf({ recipients, users, labels, data, targets, ...message }: typeof SendInput.$inferInput): NewMessage {
  const hasRecipients = (recipients ?? users ?? null) !== null;
  if (!hasRecipients) throw failedValidation('recipients', 'required', 'give "recipients" or "users"');
  return {
    ...message,
    recipients: recipients ?? [],
    ...(users && { users }),
    ...(targets && { targets: nonNullItems(targets) }),
    ...(labels !== null && labels !== undefined && { labels }),
    ...(data !== undefined && { data }),
  };
}

const SkippedDelivery = builder.objectRef<Skipped>('skipped_deliveries').implement({
  description: 'A delivery that was not enqueued.',
  fields: (t) => ({
    recipient: t.exposeID('recipient'),
    method: t.exposeString('method', { nullable: true, description: 'Null if the reason applies to every method.' }),
    reason: t.exposeString('reason', { description: 'The reason as text, such as `already sent today`.' }),
    rule: t.expose('rule', { type: DecisionRuleEnum, description: 'The rule that skipped it.' }),
  }),
});

const EnqueuedNotification = builder
  .objectRef<{ readonly ids: readonly string[]; readonly skipped: readonly Skipped[] }>('enqueued_notifications')
  .implement({
    description: 'The result of sending one message to many users.',
    fields: (t) => ({
      deliveries: t.field({
        type: [NotificationDelivery],
        description: 'The enqueued deliveries.',
        resolve: ({ ids }, _args, context, info) => enqueued(context, ids, info),
      }),
      skipped: t.field({
        type: [SkippedDelivery],
        description: 'The skipped deliveries.',
        resolve: ({ skipped }) => [...skipped],
      }),
    }),
  });

builder.queryField('notification_deliveries', (t) =>
  t.field({
    type: [NotificationDelivery],
    description: 'The delivery log, newest first. Admins only.',
    args: {
      filter: t.arg({ type: DeliveriesFilter }),
      limit: t.arg.int({ description: 'Maximum number of deliveries, up to 1000. Default: 100.' }),
      after: t.arg.string({ description: 'The id of the last delivery of the previous page.' }),
    },
    resolve: (_root, { filter, limit, after }, context) => listDeliveries(context, filter ?? {}, { limit, after }),
  }),
);

builder.mutationFields((t) => ({
  send_notification: t.field({
    type: [NotificationDelivery],
    description:
      'Sends one template, or a text of your own, to many users: a delivery for each user and method, all or none. Returns the enqueued deliveries. Users who disabled the template, and messages already sent with the same content on the same day (UTC), are skipped; `enqueue_notification` lists these. Admins only.',
    args: { data: t.arg({ type: SendInput, required: true }) },
    resolve: async (_root, { data }, context, info) => {
      const { ids } = await sendNotification(context, messageOf(data));
      return enqueued(context, Object.values(ids).flat(), info);
    },
  }),
  enqueue_notification: t.field({
    type: EnqueuedNotification,
    description: 'Like `send_notification`, but also returns the skipped deliveries with reasons. Admins only.',
    args: { data: t.arg({ type: SendInput, required: true }) },
    resolve: async (_root, { data }, context) => {
      const { enqueued: stored, skipped } = await sendAndListSkipped(context, messageOf(data));
      return { ids: Object.values(stored.ids).flat(), skipped };
    },
  }),
  retry_deliveries: t.field({
    type: [NotificationDelivery],
    description:
      'Queues deliveries again that failed for good (status `permanent_failure`) or expired (`inhibited` with the reason `expired`). They keep their ids; their attempts and age start again. Returns the queued deliveries. With a filter these are the oldest that match, at most `MAX_BATCH_MUTATION`: repeat the call until the list is empty. Admins only.',
    args: {
      ids: t.arg.idList({
        description:
          'Ids of deliveries. Unknown ones, and those that neither failed for good nor expired, are skipped.',
      }),
      filter: t.arg({
        type: DeliveriesFilter,
        description: 'Selects deliveries instead of `ids`; all conditions must hold.',
      }),
    },
    resolve: async (_root, { ids, filter }, context, info) =>
      enqueued(context, await retryDeliveries(context, { ids: ids && nonNullItems(ids), filter }), info),
  }),
  send_test_notification: t.boolean({
    description: 'Sends the caller a test message. Admins only.',
    resolve: async (_root, _args, context) => {
      await sendTestNotification(context);
      return true;
    },
  }),
  send_custom_notification: t.boolean({
    description: 'Sends the caller a message with this text. Members may send 30 per minute.',
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
  // The cast is safe, because only the id is selected.
  return isIdOnly ? ids.map((id) => ({ id }) as Delivery) : deliveriesById(context, ids);
}
