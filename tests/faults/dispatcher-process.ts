// A dispatcher in a process that tests kill. Prints a line when it runs; stops when its standard input ends.
import { once } from 'node:events';
import { pino } from 'pino';
import { openDatabase } from '../../src/database/client.ts';
import { startDispatcher } from '../../src/dispatch/dispatcher.ts';
import { createMemoryBus } from '../../src/live/bus/bus.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { readConfig } from '../../src/read-config.ts';

const [notifier = ''] = process.argv.slice(2);
const config = readConfig();
const db = await openDatabase({ url: config.database.url ?? '', poolSize: 4 });
const dispatcher = startDispatcher({
  prisma: servicePrisma(db),
  config: config.dispatch,
  baseUrl: () => 'https://tidings.example.com',
  unsubscribeToken: () => 'a-token',
  resetToken: async () => 'a-token',
  bus: createMemoryBus(),
  log: pino({ level: 'error' }, pino.destination(2)),
  now: () => new Date(),
  notifier,
});
process.stdout.write('running\n');
process.stdin.resume();
await once(process.stdin, 'end');
await dispatcher.stop();
await db.close();
