import { isNativeError } from 'node:util/types';
import type { Queryable } from '../../src/database/database.ts';
import { isOutage } from '../../src/outage.ts';

/** Milliseconds between two polls. */
const pollMs = 20;

/** Numbers of unsettled deliveries, queue rows and leases. */
export interface OpenCounts {
  readonly unsettled: number;
  readonly queued: number;
  readonly leases: number;
}

/** Resolves with the numbers once no delivery is queued or leased. Tolerates outages of the database. */
export async function untilNothingIsLeft(db: Queryable): Promise<OpenCounts> {
  for (;;) {
    const [open] = await onceAnswered(() =>
      db.query<OpenCounts>({
        text: `select (select count(*) from deliveries where status in ('pending', 'temporary_failure')) as unsettled,
                      (select count(*) from queued_deliveries) as queued,
                      (select count(*) from delivery_leases) as leases`,
        values: [],
      }),
    );
    if (open !== undefined && open.queued + open.leases === 0) return open;
    await untilNextPoll();
  }
}

/** Resolves when the condition holds. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await untilNextPoll();
}

/** Repeats a query until the database responds, and returns its answer. */
export async function onceAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      // Errors of Node itself are from another realm than the test, so `instanceof Error` is false for them.
      if (!isOutage(error) && !(isNativeError(error) && 'errno' in error)) throw error;
      await untilNextPoll();
    }
  }
}

function untilNextPoll(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, pollMs);
  });
}

/** Creates `count` users and returns their ids. */
export async function people(db: Queryable, count: number): Promise<readonly string[]> {
  const users = await db.query<{ id: string }>({
    text: `insert into users (id, email) select gen_random_uuid(), n || '@example.com' from generate_series(1, $1::int) n
           returning id`,
    values: [count],
  });
  return users.map(({ id }) => id);
}
