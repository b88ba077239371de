import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { userViewer } from '../../src/auth/viewer.ts';
import { ServiceError } from '../../src/errors.ts';
import { type Bus, createMemoryBus } from '../../src/live/bus/bus.ts';
import type { VersionRange } from '../../src/notifications/ranges.ts';
import { onTestDatabase } from '../support/database.ts';
import { followerOf, violations } from './follower.ts';
import { mark, markWithoutLock, type Operation, operation, perform, type Run, userCount } from './operations.ts';
import { aUser, contextFor } from './people.ts';

const writers = 6;
const { db } = await onTestDatabase({ poolSize: 2 * writers });

/** Errors a caller may get while users are created and deleted; anything else is a bug. */
const expectedCodes: ReadonlySet<string> = new Set(['FORBIDDEN', 'INVALID_FOREIGN_KEY']);

/** Runs the writers' operations concurrently; returns all faults. */
async function faultsOf(work: readonly (readonly Operation[])[], markOne: Run['mark']): Promise<string[]> {
  const users = await Promise.all(Array.from({ length: userCount }, () => aUser(db)));
  const published: VersionRange[] = [];
  const bus: Bus = { ...createMemoryBus(), publish: (ranges) => void published.push(...ranges) };
  const admin = contextFor(db, userViewer(await aUser(db, 'admin'), 'admin'), { bus });
  const run: Run = { admin, users, keys: [], operations: [], mark: markOne };
  const follower = followerOf(db, users);
  const faults = new Set<string>();

  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      await follower.catchUp();
      for (const fault of await violations(db, users)) faults.add(`meanwhile: ${fault}`);
    }
  })();
  await Promise.all(
    work.map(async (operations) => {
      for (const one of operations) {
        try {
          await perform(run, one);
        } catch (error) {
          if (!(error instanceof ServiceError && expectedCodes.has(error.code))) faults.add(`${one.kind}: ${error}`);
        }
      }
    }),
  );
  isOver = true;
  await watching;

  for (const fault of await violations(db, users)) faults.add(fault);
  for (const fault of await follower.differences()) faults.add(fault);
  for (const fault of await gapsIn(published, users)) faults.add(fault);
  return [...faults];
}

/** The existing inboxes of which the published ranges do not cover every version exactly once. */
async function gapsIn(published: readonly VersionRange[], users: readonly string[]): Promise<string[]> {
  const inboxes = await db.query<{ recipient_id: string; version: number }>({
    text: 'select recipient_id, version from inboxes where recipient_id = any ($1)',
    values: [users],
  });
  return inboxes.flatMap(({ recipient_id, version }) => {
    const ranges = published.filter(({ recipient }) => recipient === recipient_id).toSorted((a, b) => a.from - b.from);
    const ends = [0, ...ranges.map(({ to }) => to)];
    const isTiled = ranges.every(({ from, to }, index) => from === ends[index] && to > from) && ends.at(-1) === version;
    return isTiled ? [] : [`published ${ranges.map(({ from, to }) => `${from}-${to}`)} of ${version}`];
  });
}

const work = fc.array(fc.array(operation, { minLength: 8, maxLength: 20 }), { minLength: writers, maxLength: writers });

describe('the inboxes, with many writers at once', () => {
  it('with concurrent writers, counts equal the table and a follower misses no version', async () => {
    await fc.assert(
      fc.asyncProperty(work, async (operations) => {
        expect(await faultsOf(operations, mark)).toEqual([]);
      }),
      // Runs fail depending on timing, so shrinking finds nothing useful.
      { numRuns: 25, endOnFailure: true },
    );
  }, 120_000);

  it('the test detects drifting counts if marking does not lock what it reads', async () => {
    // The fault is a count that differs from the table, or the constraint that refuses counts below zero.
    const drift = /unread \d+, really \d+|inboxes_unread_check/;

    const outcome = await fc.check(
      fc.asyncProperty(work, async (operations) => {
        const faults = await faultsOf(operations, markWithoutLock);
        return !faults.some((fault) => drift.test(fault));
      }),
      { numRuns: 100, endOnFailure: true },
    );

    expect(outcome.failed).toBe(true);
    expect(outcome.errorInstance).toMatchObject({ message: 'Property failed by returning false' });
  }, 120_000);
});
