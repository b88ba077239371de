import type { Sql } from '../../database/sql.ts';
import type { InboxAction } from '../inbox-actions.ts';
import type { ItemFilter } from '../inbox-filter.ts';
import type { NotificationId } from '../model.ts';
import { bigints, stampSteps, stepIds, uuids } from './fragments.ts';
import { type Bind, filterConditions } from './inbox-conditions.ts';

/** Which notifications of an inbox to change. */
export type InboxSelection =
  | { readonly ids: readonly NotificationId[]; readonly uuids: readonly string[] }
  | {
      readonly filter: ItemFilter | undefined;
      /** Only those that were there, and matched, at this version of the inbox. */
      readonly upTo: number;
      /** The version up to which the recipient has seen the inbox. */
      readonly seenVersion: number;
    };

/** A bulk action on a locked inbox. */
export interface BulkAction {
  /** The id of the operation. */
  readonly id: string;
  readonly recipient: string;
  readonly action: InboxAction;
  /** The end of a snooze. */
  readonly until: string | undefined;
  readonly now: Date;
  readonly selection: InboxSelection;
}

/** The result of a bulk action; `base`, `version` and `ids` are null if nothing was changed. */
export interface BulkChanged {
  readonly changed: number;
  readonly skipped: number;
  readonly base: number | null;
  readonly version: number | null;
  readonly ids: readonly NotificationId[] | null;
}

/** Operations on more notifications cannot be undone. */
export const undoableMax = 10_000;

/** How an action changes a row `n`. `now` and `until` are parameters. */
interface Effect {
  /** The rows that it changes. */
  readonly applies: string;
  /** The effect on the counts of the inbox. */
  readonly unread: string;
  readonly total: string;
  readonly set: string;
  /** The columns that it changes, whose former values are kept. */
  readonly changes: readonly string[];
}

const inInbox = `(n.status = 'inbox')::int`;
const isUnread = `(n.status = 'inbox' and n.read_at is null)::int`;
const none = { unread: '0', total: '0' };
const readColumns = ['read_at', 'shown_version'];
const stateColumns = ['status', 'snoozed_until', 'archived_at', 'shown_version'];
const moved = 'shown_version = 0, state_version = stamped.version';
const leaving = { unread: `-${isUnread}`, total: `-${inInbox}`, changes: stateColumns };
const returning = {
  unread: '(n.read_at is null)::int',
  total: '1',
  set: `status = 'inbox', archived_at = null, snoozed_until = null, ${moved}`,
  changes: stateColumns,
};

const effects: Readonly<Record<InboxAction, (now: string, until: string) => Effect>> = {
  read: (now) => ({
    ...none,
    applies: 'n.read_at is null',
    unread: `-${inInbox}`,
    set: `read_at = ${now}, shown_version = 0`,
    changes: readColumns,
  }),
  unread: () => ({
    ...none,
    applies: 'n.read_at is not null',
    unread: inInbox,
    set: 'read_at = null, shown_version = 0',
    changes: readColumns,
  }),
  archive: (now) => ({
    ...leaving,
    applies: `(n.status = 'inbox' or n.snoozed_until is not null)`,
    set: `status = 'archived', archived_at = ${now}, snoozed_until = null, ${moved}`,
  }),
  snooze: (now, until) => ({
    ...leaving,
    applies: `(n.status = 'inbox' or n.snoozed_until is distinct from ${until})`,
    set: `status = 'archived', archived_at = ${now}, snoozed_until = ${until}, ${moved}`,
  }),
  unarchive: () => ({ ...returning, applies: `n.status = 'archived'` }),
  unsnooze: () => ({ ...returning, applies: `n.status = 'archived' and n.snoozed_until is not null` }),
  save: (now) => ({ ...none, applies: 'n.saved_at is null', set: `saved_at = ${now}`, changes: ['saved_at'] }),
  unsave: () => ({ ...none, applies: 'n.saved_at is not null', set: 'saved_at = null', changes: ['saved_at'] }),
  delete: () => ({ ...leaving, applies: 'true', set: '', changes: [] }),
};

/**
 * Changes notifications of a locked inbox and keeps their former values, so that the change can be undone. The
 * invariant: versions and counts are computed and stored by the statement that changes the rows; the notification at
 * position i of the kept ids takes the version `base + i`. Composed, because actions and filters differ. Measured by
 * `bench/change-inbox.mjs`.
 */
export function changeInbox({ id, recipient, action, until, now, selection }: BulkAction): Sql {
  const values: unknown[] = [recipient, now.toISOString()];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const end = until === undefined ? 'null' : `${bind(until)}::timestamptz`;
  const { applies, unread, total, set, changes } = effects[action]('$2::timestamptz', end);
  const { conditions, isKnown } = chosen(selection, bind);
  const rows = `
  with old as materialized (
    select n.id, n.uuid, n.status, n.read_at, n.saved_at, n.snoozed_until, n.archived_at, n.shown_version,
           ${isKnown} as is_known
    from notifications n
    where ${['n.recipient_id = $1::uuid', ...conditions, applies].join(' and ')}
  ),
  steps as materialized (
    select $1::uuid as recipient_id, id, ${unread} as unread, ${total} as total from old as n where is_known
  ),
  ${stampSteps},`;
  const result = `
  select (select count(*) from steps) as changed, (select count(*) from old where not is_known) as skipped,
         touched.base, touched.version, ${stepIds} as ids
  from (values (1)) as one left join touched on true`;
  if (action === 'delete') return { text: `${rows} ${removed} ${result}`, values, owner: recipient };
  const kept = (columns: readonly string[]) => columns.map((column) => `array_agg(${column} order by id)`).join(', ');
  const text = `${rows}
  changed as (
    update notifications n set ${set}, version = stamped.version from stamped where n.id = stamped.id
  ),
  logged as (
    insert into inbox_operations (id, recipient_id, action, base, created_at, ids, ${changes.join(', ')})
    select ${bind(id)}::uuid, $1, ${bind(action)}, touched.base, $2::timestamptz, kept.*
    from touched cross join (select ${kept(['id', ...changes])} from old where is_known) as kept
    where (select count(*) from steps) <= ${undoableMax}
  )${result}`;
  return { text, values, owner: recipient };
}

const removed = `
  removed as (delete from notifications where id in (select id from steps)),
  tombstones as (
    insert into notification_tombstones (recipient_id, version, id, uuid, deleted_at)
    select $1, stamped.version, id, uuid, $2::timestamptz from old join stamped using (id)
  )`;

/** SQL for the chosen rows, and for whether a row was there, and matched, when the caller read the inbox. */
function chosen(selection: InboxSelection, bind: Bind): { readonly conditions: string[]; readonly isKnown: string } {
  if ('ids' in selection) {
    const byId = `n.id = any (${bigints(bind(selection.ids))})`;
    if (selection.uuids.length === 0) return { conditions: [byId], isKnown: 'true' };
    return { conditions: [`(${byId} or n.uuid = any (${uuids(bind(selection.uuids))}))`], isKnown: 'true' };
  }
  const { filter, upTo, seenVersion } = selection;
  const version = `${bind(upTo)}::bigint`;
  return {
    conditions: filterConditions({ filter }, bind, String(seenVersion)),
    // A row that changed since may not have matched such a filter at the time.
    isKnown: mayChange(filter)
      ? `n.version <= ${version}`
      : `coalesce(n.state_version, n.created_version) <= ${version}`,
  };
}

/** Whether a notification that stays in its state may begin to match the filter. */
function mayChange(filter: ItemFilter | null | undefined): boolean {
  if (!filter) return false;
  const { read, saved, seen, search, not } = filter;
  return [read, saved, seen, search, not].some((value) => value !== null && value !== undefined);
}
