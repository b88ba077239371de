import { statement } from '../../database/statement.ts';
import type { InboxAction } from '../inbox-actions.ts';
import { stampSteps, stepIds } from './fragments.ts';

/** Which operation to undo, in the locked inbox of `recipient`. */
export interface UndoRequest {
  readonly operation: string;
  readonly recipient: string;
  /** The id of the operation that undoes it. */
  readonly id: string;
  readonly now: Date;
  /** Only operations since then can be undone. */
  readonly since: Date;
}

/** The result of an undo; `base`, `version` and `ids` are null if nothing was restored. */
export interface Undone {
  readonly action: InboxAction;
  readonly changed: number;
  readonly skipped: number;
  readonly base: number | null;
  readonly version: number | null;
  readonly ids: readonly number[] | null;
}

const columns = ['read_at', 'saved_at', 'status', 'snoozed_until', 'archived_at', 'shown_version'] as const;
const list = (write: (column: string) => string) => columns.map(write).join(', ');

/**
 * Restores the notifications of an operation whose version is still the one that it gave, and keeps their values as an
 * operation that can be undone, too; returns no row if the operation is unknown, too old or undone. The invariant is
 * that of `changeInbox`. Arrays that the operation did not keep are null, and their columns stay as they are.
 */
export const undoOperation = statement<Undone>()({
  name: 'undo_operation',
  isPlannedEachTime: true,
  text: `
  with operation as materialized (
    select * from inbox_operations
    where id = $2::uuid and recipient_id = $1::uuid and undone_at is null and created_at > $4::timestamptz
  ),
  former as materialized (
    select operation.base + position as version, row.*
    from operation
    cross join lateral unnest(ids, ${list((column) => `operation.${column}`)}) with ordinality
      as row (id, ${list((column) => column)}, position)
  ),
  old as materialized (
    select n.id, ${list((column) => `n.${column}`)},
           ${list((column) => `case when operation.${column} is null then n.${column} else former.${column} end as new_${column}`)}
    from operation cross join former
    join notifications n on n.id = former.id and n.version = former.version and n.recipient_id = $1
  ),
  steps as materialized (
    select $1 as recipient_id, id,
           (new_status = 'inbox' and new_read_at is null)::int - (status = 'inbox' and read_at is null)::int as unread,
           (new_status = 'inbox')::int - (status = 'inbox')::int as total
    from old
  ),
  ${stampSteps},
  changed as (
    update notifications n
    set ${list((column) => `${column} = old.new_${column}`)},
        state_version = case when old.new_status <> old.status then stamped.version else n.state_version end,
        version = stamped.version
    from old join stamped using (id)
    where n.id = old.id
  ),
  logged as (
    insert into inbox_operations (id, recipient_id, action, undoes, base, created_at, ids, ${list((column) => column)})
    select $3::uuid, $1, operation.action, operation.id, touched.base, $5::timestamptz, kept.*
    from operation cross join touched
    cross join (select array_agg(id order by id), ${list((column) => `array_agg(${column} order by id)`)} from old) as kept
  ),
  noted as (
    update inbox_operations set undone_at = $5 where id = (select id from operation)
  )
  select operation.action, (select count(*) from steps) as changed,
         cardinality(operation.ids) - (select count(*) from steps) as skipped,
         touched.base, touched.version, ${stepIds} as ids
  from operation left join touched on true`,
  values: ({ operation, recipient, id, now, since }: UndoRequest) => [
    recipient,
    operation,
    id,
    since.toISOString(),
    now.toISOString(),
  ],
});
