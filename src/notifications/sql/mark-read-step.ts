import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { stampSteps, stepIds } from './fragments.ts';

/**
 * Which part of an inbox to mark: keys above `after` and up to `lastId`, among those present at the version `until`.
 */
export interface MarkStep {
  readonly recipient: string;
  readonly now: Date;
  readonly after: NotificationId;
  readonly lastId: NotificationId;
  readonly until: number;
  readonly size: { readonly seen: number; readonly marked: number };
}

/** The result of a step; `base`, `version`, `unread` and `updated` are null if nothing was marked. */
export interface MarkedStep {
  readonly seen: number;
  readonly last_seen: NotificationId | null;
  readonly marked: number;
  readonly last_marked: NotificationId | null;
  readonly base: number | null;
  readonly version: number | null;
  readonly unread: number | null;
  readonly updated: readonly number[] | null;
}

/**
 * Marks a part of a locked inbox read. The invariant: versions and counts are computed and stored by the statement that
 * changes the rows. Steps go through the inbox in key order, because keys never change. Rows that entered the inbox
 * after the version `until` have a higher `created_version`, even if they were moved here and have a low key.
 */
export const markReadStep = statement<MarkedStep>()({
  name: 'mark_read_step',
  text: `
  with seen as materialized (
    select id, status = 'inbox' and read_at is null and created_version <= $5 as is_to_mark from notifications
    where recipient_id = $1::uuid and id > $3::bigint and id <= $4::bigint
    order by id limit $6::bigint
  ),
  steps as materialized (
    select $1::uuid as recipient_id, id, -1 as unread, 0 as total from seen where is_to_mark order by id limit $7::bigint
  ),
  ${stampSteps},
  changed as (
    update notifications n set read_at = $2::timestamptz, shown_version = 0, version = stamped.version
    from stamped where n.id = stamped.id
  )
  select (select count(*) from seen) as seen, (select max(id) from seen) as last_seen,
         (select count(*) from steps) as marked, (select max(id) from steps) as last_marked,
         touched.base, touched.version, touched.unread, ${stepIds} as updated
  from (values (1)) as one left join touched on true`,
  values: ({ recipient, now, after, lastId, until, size }: MarkStep) => [
    recipient,
    now.toISOString(),
    after,
    lastId,
    until,
    size.seen,
    size.marked,
  ],
});
