import type { Notification, NotificationId } from './model.ts';
import type { NotificationMethods } from './sql/methods.ts';
import type { InboxChangeRow, ReadFrom, ReadLimits } from './sql/read-inbox-changes.ts';
import type { Figures } from './states.ts';

/**
 * A changed row of an inbox: its current state, or the id of a row that has left the inbox. `version` is the version of
 * its last change in this inbox.
 */
export type InboxRowChange =
  | { readonly version: number; readonly notification: Notification }
  | { readonly version: number; readonly gone: NotificationId };

/** Changes of one inbox after a version, and the counts of the inbox in the same snapshot. */
export interface InboxBatch {
  /** One entry for each changed row, by ascending version. */
  readonly rowChanges: readonly InboxRowChange[];
  /** The batch covers all changes up to this version. */
  readonly version: number;
  readonly unread: number;
  /** Number of notifications in the inbox. */
  readonly total: number;
  /** Undefined if they were not asked for. */
  readonly figures: Figures | undefined;
  /** Whether there are more changes above `version`. */
  readonly isPartial: boolean;
  /**
   * Whether the follower must read the inbox again, because tombstones after the requested version were purged, or that
   * version is above the version of the inbox.
   */
  readonly isReset: boolean;
}

/**
 * Reads the changes of several inboxes, each after its own version, in one statement and therefore from one snapshot.
 * Batches are returned in the order of the requests. A batch over the limits is cut, but keeps at least one change.
 */
export async function readInboxChanges(
  prisma: NotificationMethods,
  requests: readonly ReadFrom[],
  limits: ReadLimits,
): Promise<InboxBatch[]> {
  const rows = await prisma.inbox.readChanges(requests, limits);
  const found = requests.map((): InboxChangeRow[] => []);
  for (const row of rows) found[row.request - 1]?.push(row);
  return requests.map(({ after }, index) => toBatch(after, found[index] ?? [], limits.rows));
}

function toBatch(after: number, rows: readonly InboxChangeRow[], maxRows: number): InboxBatch {
  const [first] = rows;
  if (first === undefined) throw new Error('The statement returned no row for a requested inbox.');
  const { inbox_version: version, inbox_unread: unread, inbox_total: total, inbox_purged: purged, found } = first;
  const counts = { unread, total, figures: first.figures ?? undefined };
  if (after < purged || after > version) {
    return { rowChanges: [], version, ...counts, isPartial: false, isReset: true };
  }
  const rowChanges = rows.slice(0, maxRows).flatMap(toRowChange);
  const last = rowChanges.at(-1);
  const isPartial = last !== undefined && rowChanges.length < (found ?? 0);
  return { rowChanges, version: isPartial ? last.version : version, ...counts, isPartial, isReset: false };
}

function toRowChange({
  request: _request,
  inbox_version: _inboxVersion,
  inbox_unread: _unread,
  inbox_total: _total,
  inbox_purged: _purged,
  figures: _figures,
  found: _found,
  row_version: version,
  gone,
  ...notification
}: InboxChangeRow): InboxRowChange[] {
  if (version === null) return [];
  return [gone === null ? { version, notification } : { version, gone }];
}
