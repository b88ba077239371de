import { invalidQuery } from '../errors.ts';
import { decodeCursor } from '../live/feed/cursor.ts';
import { changeInbox, undoInboxOperation } from '../notifications/change-inbox.ts';
import { type InboxOperation, inboxActions } from '../notifications/inbox-actions.ts';
import { markInboxSeen } from '../notifications/mark-seen.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { Inbox, readPage } from './inbox.ts';
import { InboxFilterInput } from './inbox-filter.ts';

/**
 * The version in a cursor of the caller's own inbox.
 * @throws ServiceError INVALID_QUERY naming `name` for any other text, also for a cursor from before a restore.
 */
function versionOf({ viewer, identity }: GraphQLContext, text: string, name: string): number {
  const { database, recipient, version } = decodeCursor(text, name);
  const isOwn = viewer.kind === 'user' && recipient === viewer.id && database === identity.current();
  if (!isOwn) throw invalidQuery(`"${name}" is not a cursor of this inbox; read the inbox again`);
  return version;
}

const Action = builder.enumType('inbox_action', {
  description:
    '`snooze` archives until a time; `unsnooze` and `unarchive` return a notification to its place as it was. `delete` cannot be undone and needs the right to delete notifications; others archive.',
  values: inboxActions,
});

const ChangeInput = builder.inputType('change_inbox_input', {
  fields: (t) => ({
    ids: t.idList({
      description: 'The uuids or integer keys of notifications in the caller’s own inbox, in any state.',
    }),
    all_up_to: t.string({
      description:
        'The cursor of a page or change, instead of `ids`: all notifications that the page could show. What came later is left as it is.',
    }),
    filter: t.field({ type: InboxFilterInput, description: 'With `all_up_to`: only notifications that match.' }),
    action: t.field({ type: Action, required: true }),
    until: t.field({ type: 'Date', description: 'With `snooze`: when they return to the inbox; in the future.' }),
  }),
});

const Operation = builder.objectRef<InboxOperation>('inbox_operations').implement({
  description: 'A bulk action on the caller’s own inbox, or the undo of one.',
  fields: (t) => ({
    id: t.exposeID('id'),
    action: t.field({
      type: Action,
      description: 'The action; of an undo, the one that was undone.',
      resolve: ({ action }) => action,
    }),
    undoes: t.exposeID('undoes', { nullable: true, description: 'The operation that this one undid.' }),
    changed: t.exposeInt('changed', { description: 'Number of changed notifications.' }),
    skipped: t.exposeInt('skipped', {
      description:
        'Number of notifications left as they were: they were so already, are unknown, came after the cursor, or, for an undo, have been changed since.',
    }),
    undoable_until: t.field({
      type: 'Date',
      nullable: true,
      description:
        'Until when `undo_inbox_operation` can undo it; null if it changed nothing, deleted, or changed more than 10,000 notifications.',
      resolve: ({ undoableUntil }) => undoableUntil,
    }),
    inbox: t.field({
      type: Inbox,
      description: 'The first page of the inbox afterwards.',
      resolve: (_operation, _args, context, info) => readPage(context, info),
    }),
  }),
});

builder.mutationFields((t) => ({
  change_inbox: t.field({
    type: Operation,
    description: 'Changes notifications of the caller’s own inbox, all in one transaction.',
    args: { data: t.arg({ type: ChangeInput, required: true }) },
    resolve: (_root, { data: { all_up_to, ...change } }, context) => {
      const isAll = all_up_to !== null && all_up_to !== undefined;
      return changeInbox(context, {
        ...change,
        allUpTo: isAll ? versionOf(context, all_up_to, 'all_up_to') : undefined,
      });
    },
  }),
  undo_inbox_operation: t.field({
    type: Operation,
    description:
      'Undoes an operation on the caller’s own inbox within ten minutes: restores the notifications that nobody has changed since.',
    args: { id: t.arg.id({ required: true, description: 'The id of an operation.' }) },
    resolve: (_root, { id }, context) => undoInboxOperation(context, id),
  }),
  mark_inbox_seen: t.field({
    type: Inbox,
    description:
      'Marks everything in the caller’s inbox as seen that was there at a cursor, and returns the first page. It stays unread.',
    args: {
      up_to: t.arg.string({ description: 'The cursor of an inbox or of a change. Default: everything.' }),
    },
    resolve: async (_root, { up_to }, context, info) => {
      await markInboxSeen(
        context,
        up_to === null || up_to === undefined ? undefined : versionOf(context, up_to, 'up_to'),
      );
      return readPage(context, info);
    },
  }),
}));
