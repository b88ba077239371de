import { isNativeError } from 'node:util/types';
import type { Queryable } from '../../src/database/database.ts';
import { isOutage } from '../../src/outage.ts';

/** Between two looks. */
const lookMs = 20;

/** Where deliveries are that have no final status, or what is left of the queue. */
export interface Open {
  readonly unsettled: number;
  readonly queued: number;
  readonly leases: number;
}

/** Fulfilled when nothing is queued or leased any more, whether or not all is settled; the database may be away meanwhile. */
export async function untilNothingIsLeft(db: Queryable): Promise<Open> {
  for (;;) {
    const [open] = await onceAnswered(() =>
      db.query<Open>({
        text: `select (select count(*) from deliveries where status in ('pending', 'temporary_failure')) as unsettled,
                      (select count(*) from queued_deliveries) as queued,
                      (select count(*) from delivery_leases) as leases`,
        values: [],
      }),
    );
    if (open !== undefined && open.queued + open.leases === 0) return open;
    await soon();
  }
}

/** Fulfilled when the condition holds. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await soon();
}

/** The answer of the database, as soon as it gives one. */
export async function onceAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      // The system's own errors are made outside of the realm that Jest makes for a test, and are no `Error` in it.
      if (!isOutage(error) && !(isNativeError(error) && 'errno' in error)) throw error;
      await soon();
    }
  }
}

function soon(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, lookMs);
  });
}

/** So many users. */
export async function people(db: Queryable, count: number): Promise<readonly string[]> {
  const users = await db.query<{ id: string }>({
    text: `insert into users (id, email) select gen_random_uuid(), n || '@example.com' from generate_series(1, $1::int) n
           returning id`,
    values: [count],
  });
  return users.map(({ id }) => id);
}
