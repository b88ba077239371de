// A process that runs the embedded database of a folder, as the service does; tests kill it.
// Prints one line of JSON when it is ready, `{ url }` or `{ error }`, and stops when its input ends.
import { once } from 'node:events';
import { pino } from 'pino';
import { startEmbedded } from '../../src/database/embedded.ts';

const [dataDir = ''] = process.argv.slice(2);
try {
  const { url, stop } = await startEmbedded({ dataDir, log: pino({ level: 'silent' }), settings: { fsync: 'off' } });
  process.stdout.write(`${JSON.stringify({ url })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
  await stop();
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  process.exitCode = 1;
}
