import type { Database, Queryable } from '../../database/database.ts';
import { lockKey, readState, writeState } from './copy.ts';
import { stateKey } from './state.ts';

/** Maximum milliseconds that writers may wait while triggers are created; then it is retried. */
const lockTimeoutMs = 250;
/** Texts removed in one transaction. */
const removedAtOnce = 20_000;

// `always`: also fire for replicas and for loads with `session_replication_role = replica`.
const triggers = [
  ['notifications_queue_new_texts', 'after insert', 'referencing new table as touched for each statement', ''],
  ['notifications_queue_gone_texts', 'after delete', 'referencing old table as touched for each statement', ''],
  [
    'notifications_queue_changed_text',
    'after update of subject, message, collection, item',
    'for each row',
    `when ((old.subject, old.message, old.collection, old.item)
           is distinct from (new.subject, new.message, new.collection, new.item))`,
  ],
] as const;

/**
 * Creates the triggers that queue changes, after waiting for transactions that are writing, so that every row either
 * exists already, to be copied, or is queued.
 * @throws DatabaseError 55P03 when a writing transaction takes long; 42501 without the permission.
 */
export async function turnOn(db: Database): Promise<void> {
  if ((await readState(db)) !== undefined) return;
  await removeTexts(db);
  await db.transaction(async (transaction) => {
    await lock(transaction);
    if ((await readState(transaction)) !== undefined) return;
    for (const [name, event, each, when] of triggers) {
      const call = `execute function ${each.endsWith('row') ? 'queue_notification_text' : 'queue_notification_texts'}()`;
      await run(transaction, `create or replace trigger ${name} ${event} on notifications ${each} ${when} ${call}`);
      await run(transaction, `alter table notifications enable always trigger ${name}`);
    }
    const [database] = await transaction.query<{ datctype: string }>({
      text: 'select datctype from pg_database where datname = current_database()',
      values: [],
    });
    const words = /^(c|posix)$/i.test(database?.datctype ?? '') ? 'ascii' : 'unicode';
    await writeState(transaction, { copied: 0, isComplete: false, words });
  });
}

/** Drops the triggers and removes the copied texts. @throws like `turnOn`. */
export async function turnOff(db: Database): Promise<void> {
  if ((await readState(db)) !== undefined) {
    await db.transaction(async (transaction) => {
      await lock(transaction);
      for (const [name] of triggers) await run(transaction, `drop trigger if exists ${name} on notifications`);
      await transaction.query({ text: 'delete from settings where key = $1', values: [stateKey] });
    });
  }
  await removeTexts(db);
}

async function lock(transaction: Queryable): Promise<void> {
  await run(transaction, `set local lock_timeout = '${lockTimeoutMs}ms'`);
  await transaction.query({ text: 'select pg_advisory_xact_lock($1)', values: [lockKey] });
  await run(transaction, 'lock table notifications in share row exclusive mode');
}

/** Not by `truncate`, which would also empty the table for searches that are running. */
async function removeTexts(db: Database): Promise<void> {
  await run(db, 'delete from notification_text_queue');
  for (let removed = removedAtOnce; removed === removedAtOnce; ) {
    const rows = await db.query<{ count: number }>({
      text: `with removed as (
               delete from notification_texts
               where id = any (array(select id from notification_texts order by id limit $1::bigint)) returning 1
             ) select count(*) as count from removed`,
      values: [removedAtOnce],
    });
    removed = rows[0]?.count ?? 0;
  }
}

async function run(db: Queryable, text: string): Promise<void> {
  await db.query({ text, values: [] });
}
