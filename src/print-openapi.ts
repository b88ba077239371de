import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { servicesOf } from './app.ts';
import { readConfig } from './config.ts';
import { createServer } from './server.ts';

// `npm run openapi` writes openapi.json; with `--check` it only compares the file with the code. The routes are read
// from a server that answers only the request for /openapi.json, so it needs no database.
const unused = (): never => {
  throw new Error('Only /openapi.json is answered here.');
};
const config = readConfig({ LOG_LEVEL: 'silent' });
const services = servicesOf({
  config,
  log: pino({ level: 'silent' }),
  createContext: unused,
  authenticate: unused,
  tokens: { watch: unused },
  signIn: { withToken: unused, withPassword: unused },
  health: { checkDatabase: unused, renderMetrics: unused },
  registry: new Registry(),
});
const server = await createServer(services);
const { body: printed } = await server.http.inject('/openapi.json');
await server.close();

const file = fileURLToPath(new URL('../openapi.json', import.meta.url));
if (process.argv.includes('--check')) {
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== printed) {
    process.stderr.write('openapi.json is not what the code prints: run `npm run openapi`.\n');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, printed);
}
