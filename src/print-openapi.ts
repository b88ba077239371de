import { pino } from 'pino';
import { Registry } from 'prom-client';
import { faceServices } from './face-services.ts';
import { writePrinted } from './printed-file.ts';
import { readConfig } from './read-config.ts';
import { createServer } from './server.ts';

// `npm run openapi` writes openapi.json; with `--check` it only compares the file with the code. The routes are read
// from a server that answers only the request for /openapi.json, so it needs no database.
const unused = (): never => {
  throw new Error('Only /openapi.json is answered here.');
};
const config = readConfig({ LOG_LEVEL: 'silent' });
const services = faceServices({
  config,
  log: pino({ level: 'silent' }),
  createContext: unused,
  authenticate: unused,
  tokens: { watch: unused },
  signIn: { withToken: unused },
  publishKeys: unused,
  idempotency: { run: unused },
  auth: { login: unused, loginIdentified: unused, refresh: unused, logout: unused },
  passwordResets: { request: unused, check: unused, reset: unused },
  callerLimits: undefined,
  countRefusal: unused,
  health: { checkDatabase: unused, renderMetrics: unused },
  registry: new Registry(),
});
const server = await createServer(services);
const { body: printed } = await server.http.inject('/openapi.json');
await server.close();

await writePrinted('openapi.json', 'openapi', printed);
