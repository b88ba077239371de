import { invalidQuery } from '../errors.ts';
import { decodeCursor } from '../live/feed/cursor.ts';
import { markInboxSeen } from '../notifications/mark-seen.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { Inbox, readPage } from './inbox.ts';

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

builder.mutationFields((t) => ({
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
