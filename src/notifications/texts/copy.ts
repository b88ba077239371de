import type { Database, Queryable } from '../../database/database.ts';
import { joinedText, stateKey, type TextsState } from './state.ts';

/** Advisory lock: one node at a time copies texts, or switches copying on or off. */
export const lockKey = 7_461_009;
/** Rows per transaction, which takes about a tenth of a second. */
const rowsAtOnce = 2000;
/** Queue entries examined for them. */
const entriesAtOnce = 2000;

/** The result of one copying step. */
export interface CopyStep {
  /** Number of queue entries processed. */
  readonly entries: number;
  readonly rows: number;
  /** The newest key in the queue, processed or not. */
  readonly newest: number;
  readonly isComplete: boolean;
  /** Whether the step reached its maximum number of rows, so there may be more. */
  readonly isCut: boolean;
}

/**
 * Copies queued texts, and rows older than the triggers. Texts are read in a snapshot that contains their queue entry,
 * so later changes have entries of their own. Returns undefined when another node is copying, or copying is off.
 */
export async function copySome(db: Database, most: number = rowsAtOnce): Promise<CopyStep | undefined> {
  return db.transaction(async (transaction) => {
    // A separate statement, so that the following ones see what the previous holder of the lock did.
    if (!(await isAlone(transaction))) return undefined;
    await transaction.query({ text: `select set_config('synchronous_commit', 'off', true)`, values: [] });
    const state = await readState(transaction);
    if (state === undefined) return undefined;
    const [queued = { entries: 0, rows: 0, newest: 0 }] = await transaction.query<
      Pick<CopyStep, 'entries' | 'rows' | 'newest'>
    >({
      name: 'copy_queued_texts',
      text: queuedText,
      values: [entriesAtOnce, most],
    });
    const isCut = queued.rows >= most || queued.entries >= entriesAtOnce;
    if (state.isComplete) return { ...queued, isComplete: true, isCut };
    const [old] = await transaction.query<{ rows: number; last: number | null }>({
      name: 'copy_old_texts',
      text: oldText,
      values: [state.copied, most],
    });
    const { rows = 0, last = null } = old ?? {};
    const isComplete = rows < most;
    await writeState(transaction, { ...state, copied: last ?? state.copied, isComplete });
    return { ...queued, rows: queued.rows + rows, isComplete, isCut: isCut || !isComplete };
  });
}

/** Whether anything is queued, checked without blocking others. */
export async function isAnyQueued(db: Queryable): Promise<boolean> {
  const text = 'select from notification_text_queue limit 1';
  return (await db.query({ name: 'any_texts_queued', text, values: [] })).length > 0;
}

/** Whether no other node copies texts until the end of this transaction. */
async function isAlone(transaction: Queryable): Promise<boolean> {
  const [lock] = await transaction.query<{ got: boolean }>({
    name: 'lock_texts',
    text: 'select pg_try_advisory_xact_lock($1) as got',
    values: [lockKey],
  });
  return lock?.got === true;
}

export async function readState(db: Queryable): Promise<TextsState | undefined> {
  const [row] = await db.query<{ value: TextsState }>({
    name: 'read_texts_state',
    text: 'select value from settings where key = $1',
    values: [stateKey],
  });
  return row?.value;
}

export async function writeState(db: Queryable, state: TextsState): Promise<void> {
  await db.query({
    name: 'write_texts_state',
    text: `insert into settings (key, value) values ($1, $2::jsonb)
           on conflict (key) do update set value = excluded.value`,
    values: [stateKey, JSON.stringify(state)],
  });
}

const written = (rows: string) => `
    insert into notification_texts as kept (id, text)
    select id, text from ${rows}
    on conflict (id) do update set text = excluded.text where kept.text <> excluded.text`;

const queuedText = `
  with taken as materialized (
    select key, ids from (
      select key, ids, sum(cardinality(ids)) over (order by key) - cardinality(ids) as rows_before
      from (select key, ids from notification_text_queue order by key limit $1::bigint) as first
    ) as counted
    where rows_before < $2::bigint
  ),
  removed as (
    delete from notification_text_queue where key = any (array(select key from taken))
  ),
  meant as materialized (
    select distinct unnest(ids) as id from taken
  ),
  found as materialized (
    select n.id, ${joinedText('n')} as text from meant cross join lateral (
      select * from notifications where id = meant.id limit 1
    ) as n
  ),
  written as (${written('found')}
  ),
  erased as (
    delete from notification_texts
    where id = any (array(select id from meant except select id from found))
  )
  select (select count(*) from taken) as entries, (select count(*) from meant) as rows,
         coalesce((select max(key) from notification_text_queue), 0) as newest`;

const oldText = `
  with found as materialized (
    select n.id, ${joinedText('n')} as text from notifications n where n.id > $1::bigint order by n.id limit $2::bigint
  ),
  written as (${written('found')}
  )
  select count(*) as rows, max(id) as last from found`;
