import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { memoryBus } from '../../src/live/bus.ts';
import { openPostgresBus } from '../../src/live/postgres-bus.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { onTestDatabase } from '../support/database.ts';
import { story } from './model-operations.ts';
import { happen, type Tally } from './model-stage.ts';
import { aWitness } from './model-witness.ts';

/** `FC_SEED` and `FC_RUNS` try other stories, and more of them. */
const seed = Number(process.env['FC_SEED'] ?? 20_261_125);
const numRuns = Number(process.env['FC_RUNS'] ?? 25);

const { db, url } = await onTestDatabase({ poolSize: 10 });
await seedTemplates(db);
const witness = await aWitness(db);
const log = pino({ level: 'silent' });

describe('whoever follows by the protocol while many write', () => {
  it.each([
    ['one node', async () => [memoryBus()]],
    [
      'two nodes on one PostgreSQL',
      async () => [await openPostgresBus({ url, log }), await openPostgresBus({ url, log })],
    ],
  ])(
    'has what the table has, each change once and in order, on %s',
    async (_nodes, open) => {
      const opened = await open();
      const tally: Tally = { runs: 0, writes: 0, deeds: 0, changes: 0, events: 0 };
      await fc.assert(
        fc.asyncProperty(story, async (told) => {
          const faults = await happen({ db, buses: opened, witness }, told, tally);
          if (process.env['FC_HUNT']) {
            for (const f of faults) process.stderr.write(`FAULT ${tally.runs} ${f}\n`);
            return;
          }
          expect(faults).toEqual([]);
        }),
        // A run that fails by chance of timing does not shrink to anything useful.
        { seed, numRuns, endOnFailure: true },
      );
      await Promise.all(opened.map((bus) => bus.close()));
      if (process.env['FC_TALLY']) process.stderr.write(`${_nodes} ${JSON.stringify(tally)}\n`);
      expect(Math.min(...Object.values(tally))).toBeGreaterThan(0);
    },
    1_200_000,
  );
});
