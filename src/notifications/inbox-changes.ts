import type { Queryable } from '../database/database.ts';
import { type Notification, type NotificationId, notificationColumns } from './model.ts';

/** A place in an inbox to read on from. */
export interface ReadFrom {
  readonly recipient: string;
  /** What lies above this version is read. */
  readonly after: number;
}

/** What a row is now, or that it lies in this inbox no longer; `version` is that of its last change here. */
export type InboxStep =
  | { readonly version: number; readonly notification: Notification }
  | { readonly version: number; readonly gone: NotificationId };

/** What happened in one inbox after a version, and the inbox as it was at that moment. */
export interface InboxBatch {
  /** By ascending version, each row once. */
  readonly steps: readonly InboxStep[];
  /** Everything up to this version is in the steps or was before them. */
  readonly version: number;
  readonly unread: number;
  /** All that lie in the inbox. */
  readonly total: number;
  /** There is more above `version`. */
  readonly isPartial: boolean;
  /** The version asked for cannot be read on from: what was deleted since is forgotten, or it is none of this inbox. */
  readonly isReset: boolean;
}

interface Row extends Notification {
  readonly place: number;
  readonly inbox_version: number;
  readonly inbox_unread: number;
  readonly inbox_total: number;
  readonly inbox_purged: number;
  /** Steps that there are, up to one more than asked for. */
  readonly found: number | null;
  readonly step_version: number | null;
  readonly gone: NotificationId | null;
}

/** How much one reading may bring: so many steps of each inbox, and about so many characters of all together. */
export interface ReadLimits {
  readonly steps: number;
  readonly characters: number;
}

/**
 * What happened in inboxes after a version each, in one statement and so at one moment; the answers come in the order
 * of what was asked. A batch that would be too large is cut off, but never to nothing.
 */
export async function readInboxChanges(
  db: Queryable,
  asked: readonly ReadFrom[],
  { steps, characters }: ReadLimits,
): Promise<InboxBatch[]> {
  const rows = await db.query<Row>({
    name: 'read_inbox_changes',
    text: changesText,
    values: [
      asked.map(({ recipient }) => recipient),
      asked.map(({ after }) => after),
      steps + 1,
      Math.ceil(characters / asked.length),
    ],
  });
  const found = asked.map((): Row[] => []);
  for (const row of rows) found[row.place - 1]?.push(row);
  return asked.map(({ after }, place) => toBatch(after, found[place] ?? [], steps));
}

function toBatch(after: number, rows: readonly Row[], most: number): InboxBatch {
  const [first] = rows;
  if (first === undefined) throw new Error('An inbox that was asked for was not answered.');
  const { inbox_version: version, inbox_unread: unread, inbox_total: total, inbox_purged: purged, found } = first;
  if (after < purged || after > version) return { steps: [], version, unread, total, isPartial: false, isReset: true };
  const steps = rows.slice(0, most).flatMap(toStep);
  const last = steps.at(-1);
  const isPartial = last !== undefined && steps.length < (found ?? 0);
  return { steps, version: isPartial ? last.version : version, unread, total, isPartial, isReset: false };
}

function toStep(row: Row): InboxStep[] {
  const { place: _, inbox_version: __, inbox_unread: ___, inbox_total: ____, inbox_purged: _____, ...counted } = row;
  const { found: ______, ...step } = counted;
  const { step_version: version, gone, ...notification } = step;
  if (version === null) return [];
  return [gone === null ? { version, notification } : { version, gone }];
}

const columns = (table: string) => notificationColumns.map((column) => `${table}.${column}`).join(', ');
const nothing = notificationColumns.map(() => 'null').join(', ');

// The size of a text is known without reading it. `found` counts before the size cuts off.
const changesText = `
  with asked as (
    select * from unnest($1::uuid[], $2::bigint[]) with ordinality as asked (recipient_id, version, place)
  )
  select asked.place, coalesce(inbox.version, 0) as inbox_version, coalesce(inbox.unread, 0) as inbox_unread,
         coalesce(inbox.total, 0) as inbox_total, coalesce(inbox.purged_version, 0) as inbox_purged,
         step.found, step.step_version, step.gone, ${columns('step')}
  from asked
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
          where n.recipient_id = asked.recipient_id and n.version > asked.version
          order by n.version
          limit $3
        )
        union all
        (
          select t.version, t.id, ${nothing}
          from notification_tombstones t
          where t.recipient_id = asked.recipient_id and t.version > asked.version
          order by t.version
          limit $3
        )
        order by step_version
        limit $3
      ) as both_kinds
    ) as sized
    where octets_before < $4
  ) as step on true
  order by asked.place, step.step_version`;
