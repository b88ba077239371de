import { candidatesFor } from '../query/candidates.ts';
import { inboxOwner } from './access.ts';
import type { ReadContext } from './context.ts';
import type { Notification } from './model.ts';
import { requireSearchable } from './sql/inbox-conditions.ts';
import { type InboxArguments, inboxStatement } from './sql/inbox-page.ts';
import type { Figures } from './states.ts';
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
  /** The figures that were asked for. */
  readonly figures: Partial<Figures>;
}

type Row = Notification & {
  readonly inbox_unread: number;
  readonly inbox_total: number;
  readonly inbox_version: number;
  readonly inbox_unseen?: number;
  readonly inbox_saved?: number;
  readonly inbox_snoozed?: number;
  readonly is_row: true | null;
};

/**
 * The viewer's own inbox, newest first; without archived notifications unless the filter names other states. Page,
 * counts and version are read by one statement, so they are consistent.
 * @param wanted the figures to count; they take the longer the larger they are
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers; FORBIDDEN without the right; FAILED_VALIDATION for a
 * malformed UUID; INVALID_QUERY for a limit out of range, or a search that is too long or cannot be stored.
 */
export async function readInbox(
  { prisma, viewer, now }: Pick<ReadContext, 'prisma' | 'viewer' | 'now'>,
  columns: readonly string[],
  args: InboxArguments,
  wanted: readonly (keyof Figures)[] = [],
): Promise<Inbox> {
  const { id: recipient } = inboxOwner(viewer, 'read');
  const search = args.search?.trim() || args.filter?.search?.trim();
  if (search) requireSearchable(search);
  const candidates = search ? await candidatesFor(prisma.notification, findTexts, search, recipient) : undefined;
  const rows = await prisma.notification.query<Row>(
    inboxStatement(recipient, columns, args, now(), candidates, wanted),
  );
  const [first] = rows;
  return {
    recipient,
    notifications: rows.filter(({ is_row }) => is_row),
    unread: first?.inbox_unread ?? 0,
    total: first?.inbox_total ?? 0,
    version: first?.inbox_version ?? 0,
    figures: Object.fromEntries(wanted.map((name) => [name, first?.[`inbox_${name}`] ?? 0])),
  };
}

/**
 * The figures of the viewer's own inbox.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers; FORBIDDEN without the right.
 */
export async function readFigures({ prisma, viewer }: Pick<ReadContext, 'prisma' | 'viewer'>): Promise<Figures> {
  const [figures] = await prisma.inbox.readFigures(inboxOwner(viewer, 'read').id);
  return figures ?? { unseen: 0, saved: 0, snoozed: 0 };
}
