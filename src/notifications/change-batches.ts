import type { Queryable } from '../database/database.ts';
import { type Notification, type NotificationId, notificationColumns } from './model.ts';

/** An inbox and the version after which it is read. */
export interface ReadFrom {
  readonly recipient: string;
  /** Only changes above this version are read. */
  readonly after: number;
}

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

interface Row extends Notification {
  /** Position of the request, from 1. */
  readonly request: number;
  readonly inbox_version: number;
  readonly inbox_unread: number;
  readonly inbox_total: number;
  readonly inbox_purged: number;
  /** Number of steps found, at most one more than requested. */
  readonly found: number | null;
  readonly step_version: number | null;
  readonly gone: NotificationId | null;
}

/** Limits for one statement: steps per inbox, and message characters of all inboxes together (approximate). */
export interface ReadLimits {
  readonly steps: number;
  readonly characters: number;
}

/**
 * Reads the changes of several inboxes, each after its own version, in one statement and therefore from one snapshot.
 * Batches are returned in the order of the requests. A batch over the limits is cut, but keeps at least one step.
 */
export async function readInboxChanges(
  db: Queryable,
  requests: readonly ReadFrom[],
  { steps, characters }: ReadLimits,
): Promise<InboxBatch[]> {
  const rows = await db.query<Row>({
    name: 'read_inbox_changes',
    text: changesText,
    values: [
      requests.map(({ recipient }) => recipient),
      requests.map(({ after }) => after),
      steps + 1,
      Math.ceil(characters / requests.length),
    ],
  });
  const found = requests.map((): Row[] => []);
  for (const row of rows) found[row.request - 1]?.push(row);
  return requests.map(({ after }, index) => toBatch(after, found[index] ?? [], steps));
}

function toBatch(after: number, rows: readonly Row[], most: number): InboxBatch {
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
}: Row): InboxStep[] {
  if (version === null) return [];
  return [gone === null ? { version, notification } : { version, gone }];
}

const columns = (table: string) => notificationColumns.map((column) => `${table}.${column}`).join(', ');
const nothing = notificationColumns.map(() => 'null').join(', ');

// octet_length does not need to fetch the text. `found` is counted before the size limit applies.
const changesText = `
  with requests as (
    select * from unnest($1::uuid[], $2::bigint[]) with ordinality as requests (recipient_id, version, request)
  )
  select requests.request, coalesce(inbox.version, 0) as inbox_version, coalesce(inbox.unread, 0) as inbox_unread,
         coalesce(inbox.total, 0) as inbox_total, coalesce(inbox.purged_version, 0) as inbox_purged,
         step.found, step.step_version, step.gone, ${columns('step')}
  from requests
  left join inboxes as inbox using (recipient_id)
  left join lateral (
    select * from (
      select both_kinds.*, count(*) over () as found,
             sum(coalesce(octet_length(message), 0)) over (order by step_version)
               - coalesce(octet_length(message), 0) as octets_before
      from (
        (
          select n.version as step_version, null::bigint as gone, ${columns('n')}
          from notifications n
          where n.recipient_id = requests.recipient_id and n.version > requests.version
          order by n.version
          limit $3
        )
        union all
        (
          select t.version, t.id, ${nothing}
          from notification_tombstones t
          where t.recipient_id = requests.recipient_id and t.version > requests.version
          order by t.version
          limit $3
        )
        order by step_version
        limit $3
      ) as both_kinds
    ) as sized
    where octets_before < $4
  ) as step on true
  order by requests.request, step.step_version`;
