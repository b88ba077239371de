import DataLoader from 'dataloader';
import { expiryActions } from '../notifications/input.ts';
import { isSeen, notificationStates, stateOf } from '../notifications/states.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { DirectusNotification } from './notifications.ts';

export const NotificationState = builder.enumType('notification_state', {
  description: '`snoozed`: archived until a time, at which it returns to the inbox.',
  values: notificationStates,
});

/** What happens to notifications that expire. */
export const ExpiryAction = builder.enumType('expiry_action', { values: expiryActions });

const loaders = new WeakMap<GraphQLContext, DataLoader<string, number>>();

/** Reads up to which version a recipient has seen the inbox: once for all notifications of a request. */
function seenVersionOf(context: GraphQLContext, recipient: string): Promise<number> {
  const loader =
    loaders.get(context) ??
    new DataLoader<string, number>(
      async (recipients) => {
        const ids = [...new Set(recipients)];
        const inboxes = await context.prisma.inbox.findMany({
          where: { recipient_id: { in: ids } },
          select: { recipient_id: true, seen_version: true },
        });
        const found = new Map(inboxes.map((inbox) => [inbox.recipient_id, Number(inbox.seen_version)]));
        return recipients.map((id) => found.get(id) ?? 0);
      },
      { cache: false },
    );
  loaders.set(context, loader);
  return loader.load(recipient);
}

const states = ['status', 'snoozed_until'] as const;
const time = (name: string) =>
  ({ type: 'Date', nullable: true, extensions: { columns: [name], plain: true } }) as const;

builder.prismaObjectFields(DirectusNotification, (t) => ({
  state: t.field({
    type: NotificationState,
    description: 'Where the notification is. Beside it, it is read or unread, and saved or not.',
    extensions: { columns: states },
    resolve: stateOf,
  }),
  seen: t.boolean({
    description:
      'Whether the recipient has seen it: `mark_inbox_seen` was called after it was shown. What is read, or not in the inbox, is seen.',
    extensions: { columns: ['status', 'read_at', 'shown_version', 'created_version', 'recipient_id'] },
    async resolve(row, _args, context) {
      // Without the inbox, only a notification that might be unseen needs another statement.
      if (isSeen(row, 0) || row.inbox_seen !== undefined) return isSeen(row, row.inbox_seen ?? 0);
      return isSeen(row, await seenVersionOf(context, row.recipient_id));
    },
  }),
  saved_at: t.expose('saved_at', {
    ...time('saved_at'),
    description: 'When it was saved; null if it is not. Archiving does not change it.',
  }),
  snoozed_until: t.field({
    type: 'Date',
    nullable: true,
    description: 'When it returns to the inbox, unread and as the newest; null if it is not snoozed.',
    extensions: { columns: states },
    resolve: (row) => (stateOf(row) === 'snoozed' ? row.snoozed_until : null),
  }),
  archived_at: t.field({
    type: 'Date',
    nullable: true,
    description: 'When it was archived or snoozed; null if it is in the inbox, or was archived by an earlier version.',
    extensions: { columns: ['status', 'archived_at'] },
    resolve: ({ status, archived_at }) => (status === 'inbox' ? null : archived_at),
  }),
  expires_at: t.expose('expires_at', {
    ...time('expires_at'),
    description: 'When it will be archived or deleted by itself; null: never, or it has been archived.',
  }),
  shown_at: t.field({
    type: 'Date',
    nullable: true,
    description:
      'When it was last shown as new: its creation, or its return from a snooze. Equal to `timestamp`, by which the inbox is sorted.',
    extensions: { columns: ['timestamp'] },
    resolve: ({ timestamp }) => timestamp,
  }),
  original_timestamp: t.expose('original_timestamp', {
    ...time('original_timestamp'),
    description: 'Its `timestamp` before it returned from a snooze for the first time; null if it never did.',
  }),
}));
