import { jest } from '@jest/globals';
import type { Database } from '../../../src/database/database.ts';
import { copySome } from '../../../src/notifications/texts/copy.ts';
import { keepIndexes } from '../../../src/notifications/texts/keep.ts';
import { servicePrisma } from '../../../src/prisma.ts';

export const text = (sql: string, values: readonly unknown[] = []) => ({ text: sql, values });

/** Creates the text index and copies existing texts; later writes are only queued. */
export async function indexTexts(db: Database, url: string, hasSearchIndex = true) {
  const log = { info: jest.fn(), warn: jest.fn() };
  const keeping = keepIndexes({ prisma: servicePrisma(db), url, log, hasSearchIndex, idleMs: 5 });
  await keeping.ready;
  await keeping.stop();
  return log;
}

/** Copies everything queued. */
export async function copyAll(db: Database, most?: number): Promise<void> {
  for (;;) {
    const step = await copySome(servicePrisma(db), most);
    if (step === undefined || (step.rows === 0 && step.isComplete)) return;
  }
}

/** The queued keys. */
export async function queuedKeys(db: Database): Promise<number[]> {
  const rows = await db.query<{ id: number }>(
    text('select distinct unnest(ids) as id from notification_text_queue order by id'),
  );
  return rows.map(({ id }) => id);
}
