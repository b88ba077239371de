import { afterAll, beforeAll } from '@jest/globals';
import pino from 'pino';
import { type App, assemble } from '../../src/app.ts';
import { userViewer } from '../../src/auth/viewer.ts';
import type { Database } from '../../src/database/database.ts';
import { readConfig } from '../../src/read-config.ts';
import type { GraphQLContext } from '../../src/schema/context.ts';
import { createTeardown } from '../../src/teardown.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { seedAdmin } from '../../src/users/first-admin.ts';
import { createUsers } from '../../src/users/write.ts';
import { createMigratedDatabase } from './database.ts';
import { checkExchanges } from './openapi/check-exchanges.ts';

/** A user with a token. */
export interface Person {
  readonly id: string;
  readonly token: string;
}

/** A service listening on a free port over a database of its own, with an admin, Alice and Bob in it. */
export interface TestApp {
  readonly url: string;
  readonly databaseUrl: string;
  readonly db: Database;
  readonly people: Readonly<Record<'admin' | 'alice' | 'bob', Person>>;
  /** The context of a person, for calling nouns directly. */
  contextOf(person: Person): GraphQLContext;
  stop(): Promise<void>;
}

/** The defaults of test services. */
const defaults = {
  LOG_LEVEL: 'silent',
  PORT: '0',
  PUBLIC_URL: 'https://tidings.example.com',
  DATABASE_POOL_SIZE: '5',
};
/** Timeout of the teardown after a test; a stop cuts running requests long before it. */
const teardownMs = 300_000;

/** A service for one test file. @param environment variables of `.env.example` that differ from their defaults. */
export async function startTestApp(
  environment: Readonly<Record<string, string>> = {},
  more: {
    /** How long a stop waits for running requests, in milliseconds. */
    readonly graceMs?: number;
    /** How long a stop drains, in milliseconds. */
    readonly drainMs?: number;
    /** Opens the database of the service; default: a pool. */
    readonly open?: (url: string) => Promise<Database>;
    /** Receives each line of the log. */
    readonly onLogged?: (line: string) => void;
    /** The time of the service. */
    readonly now?: () => Date;
    /** Starts another node of this service, with its database and people. */
    readonly nodeOf?: TestApp;
  } = {},
): Promise<TestApp> {
  const { open, onLogged, now, nodeOf, graceMs = 5_000, drainMs = 0 } = more;
  const config = readConfig({
    ...defaults,
    DRAIN_MS: String(drainMs),
    // A quarter of this time is for the steps of a stop that follow the running requests.
    STOP_TIMEOUT_MS: String(Math.ceil((4 / 3) * graceMs)),
    ...environment,
  });
  const log = pino({ level: config.logLevel }, onLogged && { write: onLogged });
  const { url, drop } = nodeOf ? { url: nodeOf.databaseUrl, drop: undefined } : await createMigratedDatabase();
  const teardown = createTeardown();
  const options = { url, log, worksInBackground: false, ...(open && { open }), ...(now && { now }) };
  const app = await assemble(config, options, teardown);
  const people = nodeOf?.people ?? (await seedPeople(app));
  const contextOf = ({ id }: Person) => app.createContext(userViewer(id, id === people.admin.id ? 'admin' : 'member'));

  const address = await app.listen();
  const stopChecking = checkExchanges(address);
  return {
    url: address,
    databaseUrl: url,
    db: app.db,
    people,
    contextOf,
    async stop() {
      await teardown.run(teardownMs);
      stopChecking();
      await drop?.();
    },
  };
}

async function seedPeople({ db, createContext }: App): Promise<TestApp['people']> {
  await seedTemplates(db.prisma);
  await seedAdmin(db.prisma, { email: 'admin@example.com', password: 'admin-password', token: 'the-token-of-admin' });
  const [admin] = await db.prisma.user.findMany({ where: { role: 'admin' } });
  if (!admin) throw new Error('no admin was seeded');
  const [alice, bob] = await createUsers(createContext(userViewer(admin.id, 'admin')), [
    { email: 'alice@example.com', first_name: 'Alice', token: 'the-token-of-alice' },
    { email: 'bob@example.com', first_name: 'Bob', token: 'the-token-of-bob' },
  ]);
  if (alice === undefined || bob === undefined) throw new Error('the people were not created');
  return {
    admin: { id: admin.id, token: 'the-token-of-admin' },
    alice: { id: alice, token: 'the-token-of-alice' },
    bob: { id: bob, token: 'the-token-of-bob' },
  };
}

/** Starts the service before the file's tests and stops it after them; call the returned function inside tests only. */
export function useTestApp(environment?: Readonly<Record<string, string>>): () => TestApp {
  let app: TestApp | undefined;
  beforeAll(async () => {
    app = await startTestApp(environment);
  });
  afterAll(() => app?.stop());
  return () => {
    if (!app) throw new Error('the service has not started');
    return app;
  };
}
