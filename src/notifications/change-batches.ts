import type { Notification, NotificationId } from './model.ts';
import type { NotificationMethods } from './sql/methods.ts';
import type { InboxChangeRow, ReadFrom, ReadLimits } from './sql/read-inbox-changes.ts';

/**
 * The current state of one row, or the id of a row that has left the inbox; `version` is that of its last change in
 * this inbox.
 */
export type InboxStep =
  | { readonly version: number; readonly notification: Notification }
  | { readonly version: number; readonly gone: NotificationId };

/** Changes of one inbox after a version, and the inbox's figures at the same moment. */
export interface InboxBatch {
  /** By ascending version, one step for each row. */
  readonly steps: readonly InboxStep[];
  /** The batch covers all changes up to this version. */
  readonly version: number;
  readonly unread: number;
  /** Number of notifications in the inbox. */
  readonly total: number;
  /** There are more changes above `version`. */
  readonly isPartial: boolean;
  /**
   * The requested version cannot be continued from: tombstones after it were purged, or it lies above the inbox's
   * version.
   */
  readonly isReset: boolean;
}

/**
 * Reads the changes of several inboxes, each after its own version, in one statement and therefore from one snapshot.
 * Batches are returned in the order of the requests. A batch over the limits is cut, but keeps at least one step.
 */
export async function readInboxChanges(
  prisma: NotificationMethods,
  requests: readonly ReadFrom[],
  limits: ReadLimits,
): Promise<InboxBatch[]> {
  const rows = await prisma.inbox.readChanges(requests, limits);
  const found = requests.map((): InboxChangeRow[] => []);
  for (const row of rows) found[row.request - 1]?.push(row);
  return requests.map(({ after }, index) => toBatch(after, found[index] ?? [], limits.steps));
}

function toBatch(after: number, rows: readonly InboxChangeRow[], most: number): InboxBatch {
  const [first] = rows;
  if (first === undefined) throw new Error('The statement returned no row for a requested inbox.');
  const { inbox_version: version, inbox_unread: unread, inbox_total: total, inbox_purged: purged, found } = first;
  if (after < purged || after > version) return { steps: [], version, unread, total, isPartial: false, isReset: true };
  const steps = rows.slice(0, most).flatMap(toStep);
  const last = steps.at(-1);
  const isPartial = last !== undefined && steps.length < (found ?? 0);
  return { steps, version: isPartial ? last.version : version, unread, total, isPartial, isReset: false };
}

function toStep({
  request: _request,
  inbox_version: _inboxVersion,
  inbox_unread: _unread,
  inbox_total: _total,
  inbox_purged: _purged,
  found: _found,
  step_version: version,
  gone,
  ...notification
}: InboxChangeRow): InboxStep[] {
  if (version === null) return [];
  return [gone === null ? { version, notification } : { version, gone }];
}
