import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { type Bus, createMemoryBus } from '../../src/live/bus/bus.ts';
import { openPostgresBus } from '../../src/live/bus/postgres-bus.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { onTestDatabase } from '../support/database.ts';
import { story } from './model-operations.ts';
import { play, type Tally, type World } from './model-stage.ts';
import { aWitness } from './model-witness.ts';

// MODEL_SEED and MODEL_RUNS set the seed and the number of runs.
const seed = Number(process.env['MODEL_SEED'] ?? 20_261_125);
const numRuns = Number(process.env['MODEL_RUNS'] ?? 25);
// Much longer than the runs take on a slow machine.
const timeoutMs = 60_000 + numRuns * 5_000;

const { db, url } = await onTestDatabase({ poolSize: 10 });
await seedTemplates(db.prisma);
const witness = await aWitness(db);
const log = pino({ level: 'silent' });
const noTally = (): Tally => ({ runs: 0, writes: 0, effects: 0, changes: 0, events: 0 });

describe('clients that follow the protocol during concurrent writes', () => {
  it.each<[string, () => Promise<Bus[]>]>([
    ['one node', async () => [createMemoryBus()]],
    ['two nodes', async () => [await openPostgresBus({ url, log }), await openPostgresBus({ url, log })]],
  ])(
    'replicas equal the table, with each change once and in order and every event once, on %s',
    async (_nodes, open) => {
      const buses = await open();
      const tally = noTally();
      try {
        await fc.assert(
          fc.asyncProperty(story, async (run) => {
            expect(await play({ db, buses, witness, timeoutMs: 30_000 }, run, tally)).toEqual([]);
          }),
          // Runs fail depending on timing, so shrinking finds nothing useful.
          { seed, numRuns, endOnFailure: true },
        );
      } finally {
        await Promise.all(buses.map((bus) => bus.close()));
      }
      expect(tally.runs).toBe(numRuns);
      expect(Math.min(...Object.values(tally))).toBeGreaterThan(0);
    },
    timeoutMs,
  );
});

/** Drops or duplicates every tenth item. */
function spoilt<Item>(items: AsyncIterableIterator<Item>, copies: 0 | 2): AsyncIterableIterator<Item> {
  let count = 0;
  let copy: Item | undefined;
  const spoiling: AsyncIterableIterator<Item> = {
    async next() {
      if (copy !== undefined) {
        const value = copy;
        copy = undefined;
        return { done: false, value };
      }
      const result = await items.next();
      count += 1;
      if (result.done || count % 10 !== 0) return result;
      if (copies === 0) return spoiling.next();
      copy = result.value;
      return result;
    },
    // Not a generator: its return() would wait for the next item.
    return: async () => (await items.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]: () => spoiling,
  };
  return spoiling;
}

describe('the model', () => {
  it.each<[string, Partial<World>, RegExp]>([
    [
      'a change is lost',
      { feedOf: (feed) => ({ ...feed, open: async (of) => spoilt(await feed.open(of), 0) }) },
      /^before|^in the end|^replicas/,
    ],
    [
      'a change comes twice',
      { feedOf: (feed) => ({ ...feed, open: async (of) => spoilt(await feed.open(of), 2) }) },
      /at (\d+) after \1$/,
    ],
    [
      'an event is lost',
      { eventsOf: (some) => ({ ...some, subscribe: async (...of) => spoilt(await some.subscribe(...of), 0) }) },
      /it received|a wide subscription/,
    ],
    [
      'an event comes twice',
      { eventsOf: (some) => ({ ...some, subscribe: async (...of) => spoilt(await some.subscribe(...of), 2) }) },
      /it received/,
    ],
  ])(
    'the model detects that %s',
    async (_what, faulty, fault) => {
      const outcome = await fc.check(
        fc.asyncProperty(story, async (run) => {
          const world = { db, buses: [createMemoryBus()], witness, timeoutMs: 500, ...faulty };
          const faults = await play(world, run, noTally());
          return !faults.some((one) => fault.test(one));
        }),
        { seed, numRuns: 20, endOnFailure: true },
      );

      expect(outcome).toMatchObject({ failed: true, errorInstance: { message: 'Property failed by returning false' } });
    },
    60_000,
  );
});
