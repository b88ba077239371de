import { candidatesFor } from '../query/candidates.ts';
import { inboxOwner } from './access.ts';
import type { ReadContext } from './context.ts';
import type { Notification } from './model.ts';
import { type InboxArguments, inboxStatement, requireSearchable } from './sql/inbox-page.ts';
import { findTexts } from './texts/sql/find-texts.ts';

/** A page of an inbox, and the counts of the whole inbox, from one snapshot. */
export interface Inbox {
  readonly recipient: string;
  readonly notifications: readonly Notification[];
  /** Number of unread notifications in the inbox, independent of the arguments. */
  readonly unread: number;
  /** Number of notifications in the inbox. */
  readonly total: number;
  /** The version of the inbox in the snapshot. */
  readonly version: number;
}

/**
 * The viewer's own inbox, newest first, without archived notifications. Page, counts and version are read by one
 * statement, so they are consistent.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers; FORBIDDEN without the right; FAILED_VALIDATION for a
 * malformed UUID; INVALID_QUERY for a limit out of range, or a search that is too long or cannot be stored.
 */
export async function readInbox(
  { prisma, viewer, now }: Pick<ReadContext, 'prisma' | 'viewer' | 'now'>,
  columns: readonly string[],
  args: InboxArguments,
): Promise<Inbox> {
  const { id: recipient } = inboxOwner(viewer, 'read');
  type Row = Notification & { inbox_unread: number; inbox_total: number; inbox_version: number; is_row: true | null };
  const search = args.search?.trim();
  if (search) requireSearchable(search);
  const candidates = search ? await candidatesFor(prisma.notification, findTexts, search, recipient) : undefined;
  const rows = await prisma.notification.query<Row>(inboxStatement(recipient, columns, args, now(), candidates));
  const [first] = rows;
  return {
    recipient,
    notifications: rows.filter(({ is_row }) => is_row),
    unread: first?.inbox_unread ?? 0,
    total: first?.inbox_total ?? 0,
    version: first?.inbox_version ?? 0,
  };
}
