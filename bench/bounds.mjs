import { cases } from './cases.mjs';
import { load, median } from './load.mjs';
import { print, table } from './report.mjs';
import { assertReplaced, turns } from './turns.mjs';
import { replaced } from './without-bounds.mjs';

const rounds = 10;
const seconds = 2;
const warmUpSeconds = 3;
/** Maximum share of CPU time that prices and bounds may add to a plain request. */
const maxAdded = 0.05;
const names = ['graphql-list-member', 'rest-list-member', 'graphql-count', 'graphql-create-one'];

/**
 * Measures what prices and bounds add to plain requests. The service runs with and without them, in alternating rounds.
 * @param {{ bounded: import('./processes.mjs').Measured, unbounded: import('./processes.mjs').Measured }} services
 */
export async function benchBounds(services) {
  await assertReplaced('without-bounds.mjs', replaced);
  const rows = [];
  for (const one of cases.filter(({ name }) => names.includes(name))) {
    process.stderr.write(`${one.name} `);
    const runs = { bounded: [], unbounded: [] };
    for (const service of Object.values(services)) await load(service, one.service, warmUpSeconds);
    for (let round = 0; round < rounds; round++) {
      for (const [name, service] of turns(services, round)) runs[name].push(await load(service, one.service, seconds));
      process.stderr.write('.');
    }
    process.stderr.write('\n');
    const [bounded, unbounded] = [median(runs.bounded).cpuMs, median(runs.unbounded).cpuMs];
    const added = bounded / unbounded - 1;
    const percent = `${(added * 100).toFixed(1)} %`;
    rows.push([one.name, bounded.toFixed(4), unbounded.toFixed(4), percent, added <= maxAdded ? '5 %' : '**5 %**']);
  }
  print(`Prices and bounds: medians of ${rounds} rounds of ${seconds} s, with and without in turn.\n`);
  table(['case', 'CPU ms', 'without', 'added', 'at most'], rows);
}
