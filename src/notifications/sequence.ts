import type { Database } from '../database/database.ts';

/** Larger keys given by callers leave the sequence alone: it must keep numbers to give for all time. */
const reach = 2 ** 52;
/** How far the sequence is walked rather than set. */
const walk = 1000;
/** Names the lock under which the sequence is set; any number nobody else uses. */
const lockKey = 7_461_001;

/**
 * Makes keys given by the sequence come after the largest of these within its reach. The sequence never goes backwards under the lock; should an
 * automatic key nevertheless meet a taken one, because others drew numbers between looking and setting, the writer
 * calls `skipTakenKeys` and tries again.
 */
export async function moveSequencePast(db: Database, ids: readonly number[]): Promise<void> {
  const id = ids.reduce((largest, given) => (given < reach && given > largest ? given : largest), 0);
  if (id === 0) return;
  await db.transaction(async (transaction) => {
    await transaction.query({ text: 'select pg_advisory_xact_lock($1)', values: [lockKey] });
    const [next] = await transaction.query<{ value: number }>({
      text: 'select last_value + is_called::int as value from notifications_id_seq',
      values: [],
    });
    const missing = id - (next?.value ?? 1) + 1;
    if (missing <= 0) return;
    // Walking cannot lose a number that somebody draws at this moment; setting can, but a far way is not walked.
    await transaction.query(
      missing <= walk
        ? { text: `select nextval('notifications_id_seq') from generate_series(1, $1::int)`, values: [missing] }
        : { text: `select setval('notifications_id_seq', $1::bigint)`, values: [id] },
    );
  });
}

/** Moves the sequence behind every key in its reach, after it gave one that is taken. */
export async function skipTakenKeys(db: Database): Promise<void> {
  const [largest] = await db.query<{ id: number | null }>({
    text: 'select max(id) as id from notifications where id < $1::bigint',
    values: [reach],
  });
  await moveSequencePast(db, [largest?.id ?? 0]);
}
