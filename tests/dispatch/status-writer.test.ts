import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Queryable } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';
import type { Lease } from '../../src/dispatch/lease.ts';
import { createStatusWriter } from '../../src/dispatch/status-writer.ts';

afterEach(() => {
  jest.useRealTimers();
});

const log = pino({ level: 'silent' });

/** Takes what is stored, statement by statement. */
function aStore() {
  const statements: { readonly results: number; readonly endedLeases: readonly string[] }[] = [];
  const db: Queryable = {
    query: async <Row>({ values }: Sql) => {
      const results = String(values[0]) === '{}' ? 0 : String(values[0]).split(',').length;
      statements.push({ results, endedLeases: [...(values[5] as string[])] });
      return [{ stored: results, forgotten: 0 }] as Row[];
    },
  };
  const statusWriter = createStatusWriter({ db, log, updates: { pending: 0, synced: 0, forgotten: 0 } });
  const sent = (lease: Lease, count = 1) =>
    Promise.all(
      Array.from(
        { length: count },
        (_, place) =>
          new Promise<void>((onStored) => {
            statusWriter.add({ id: `${lease.id}-${place}`, lease, newStatus: { status: 'sent' }, onStored });
          }),
      ),
    );
  return { statusWriter, statements, sent };
}

const aLease = (id: string, unsettled: number): Lease => ({ id, deliveries: [], unsettled, expiresAt: Infinity });

describe('results', () => {
  it('are stored at once when it is quiet, and soon together when it is busy', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statements, sent } = aStore();
    const lease = aLease('a', 100);

    await sent(lease);
    const later = [sent(lease), sent(lease, 2)];
    await jest.advanceTimersByTimeAsync(1000);
    await Promise.all(later);

    expect(statements.map(({ results }) => results)).toEqual([1, 3]);
  });

  it('wait for no time to pass when they are enough for a statement', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statements, sent } = aStore();
    const lease = aLease('a', 10_000);

    await sent(lease);
    await sent(lease, 3000);

    expect(statements.map(({ results }) => results)).toEqual([1, 3000]);
  });

  it('wait for no time to pass when somebody waits for them', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statusWriter, statements, sent } = aStore();
    const lease = aLease('a', 10);

    await sent(lease);
    const later = sent(lease, 2);
    // By then it waits for more.
    await jest.advanceTimersByTimeAsync(1);
    statusWriter.flushNow();
    await later;

    expect(statements.map(({ results }) => results)).toEqual([1, 2]);
  });

  it('are stored without delay when nothing comes any more', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statusWriter, statements, sent } = aStore();
    const lease = aLease('a', 10);

    await sent(lease);
    const last = sent(lease);
    await statusWriter.stop(1000);
    await last;

    expect(statements.map(({ results }) => results)).toEqual([1, 1]);
  });

  it('end their lease with the last of them, also when somebody else stored some', async () => {
    const { statusWriter, statements, sent } = aStore();
    const [one, other, rest] = [aLease('one', 3), aLease('other', 2), aLease('rest', 2)];

    statusWriter.skip(one, 2);
    await sent(one);
    await sent(other);
    statusWriter.skip(rest, 2);
    await statusWriter.stop(1000);

    expect(statements.flatMap(({ endedLeases }) => endedLeases)).toEqual(['one', 'rest']);
    expect(other.unsettled).toBe(1);
  });
});
