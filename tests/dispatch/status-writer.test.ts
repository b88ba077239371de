import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import type { Lease } from '../../src/dispatch/lease.ts';
import type { StatusUpdate } from '../../src/dispatch/sql/settle-deliveries.ts';
import { createStatusWriter } from '../../src/dispatch/status-writer.ts';

afterEach(() => {
  jest.useRealTimers();
});

const log = pino({ level: 'silent' });

/** A status writer on a fake database that records each statement. */
function aStore() {
  const statements: { readonly results: number; readonly endedLeases: readonly string[] }[] = [];
  const settle = async (updates: readonly StatusUpdate[], endedLeases: readonly string[]) => {
    statements.push({ results: updates.length, endedLeases: [...endedLeases] });
    return [{ stored: updates.length, forgotten: 0 }];
  };
  const prisma = { delivery: { settle }, queuedDelivery: { resetLostLeases: async () => [] } };
  const statusWriter = createStatusWriter({ prisma, log, updates: { pending: 0, synced: 0, forgotten: 0 } });
  const sent = (lease: Lease, count = 1) =>
    Promise.all(
      Array.from(
        { length: count },
        (_, index) =>
          new Promise<void>((onStored) => {
            statusWriter.add({ id: `${lease.id}-${index}`, lease, newStatus: { status: 'sent' }, onStored });
          }),
      ),
    );
  return { statusWriter, statements, sent };
}

const aLease = (id: string, unsettled: number): Lease => ({
  id,
  deliveries: [],
  unsettled,
  expiresAt: Infinity,
  requestedAt: 0,
  leasedAt: 0,
});

describe('createStatusWriter', () => {
  it('the first update is stored immediately, the following ones soon in one batch', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statements, sent } = aStore();
    const lease = aLease('a', 100);

    await sent(lease);
    const later = [sent(lease), sent(lease, 2)];
    await jest.advanceTimersByTimeAsync(1000);
    await Promise.all(later);

    expect(statements.map(({ results }) => results)).toEqual([1, 3]);
  });

  it('a full batch is stored without delay', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statements, sent } = aStore();
    const lease = aLease('a', 10_000);

    await sent(lease);
    await sent(lease, 3000);

    expect(statements.map(({ results }) => results)).toEqual([1, 3000]);
  });

  it('buffered updates are stored without delay on flushNow', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statusWriter, statements, sent } = aStore();
    const lease = aLease('a', 10);

    await sent(lease);
    const later = sent(lease, 2);
    // Now the writer is waiting for more updates.
    await jest.advanceTimersByTimeAsync(1);
    statusWriter.flushNow();
    await later;

    expect(statements.map(({ results }) => results)).toEqual([1, 2]);
  });

  it('buffered updates are stored without delay on stop', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    const { statusWriter, statements, sent } = aStore();
    const lease = aLease('a', 10);

    await sent(lease);
    const last = sent(lease);
    await statusWriter.stop(1000);
    await last;

    expect(statements.map(({ results }) => results)).toEqual([1, 1]);
  });

  it('a lease ends with the last update of its deliveries, including skipped ones', async () => {
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
