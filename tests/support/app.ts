import { afterAll, beforeAll } from '@jest/globals';
import pino from 'pino';
import { createAuthenticator } from '../../src/auth/tokens.ts';
import { readConfig } from '../../src/config.ts';
import type { Database } from '../../src/database/database.ts';
import { startMonitor } from '../../src/database/monitor.ts';
import { createDispatchPort } from '../../src/dispatch/dispatch-port.ts';
import { createMetrics, renderMetrics } from '../../src/dispatch/metrics.ts';
import { memoryBus } from '../../src/live/bus/bus.ts';
import { createNotificationEvents } from '../../src/live/events/notification-events.ts';
import { createFeed } from '../../src/live/feed/feed.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { createContext, type GraphQLContext } from '../../src/schema/context.ts';
import { createServer } from '../../src/server.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { seedAdmin } from '../../src/users/first-admin.ts';
import { createUsers } from '../../src/users/write.ts';
import { testDatabase } from './database.ts';

/** Somebody with a token. */
export interface Person {
  readonly id: string;
  readonly token: string;
}

/** A service listening on a free port over a database of its own, with an admin, Alice and Bob in it. */
export interface TestApp {
  readonly url: string;
  readonly db: Database;
  readonly people: Readonly<Record<'admin' | 'alice' | 'bob', Person>>;
  /** The context of a person, for calling nouns directly. */
  contextOf(person: Person): GraphQLContext;
  stop(): Promise<void>;
}

/** A service for one test file. @param environment variables of `.env.example` that differ from their defaults. */
export async function startTestApp(
  environment: Readonly<Record<string, string>> = {},
  more: {
    /** How long a stop waits for what is under way, in milliseconds. */
    readonly graceMs?: number;
    /** How long a stop still serves, in milliseconds. */
    readonly drainMs?: number;
    /** How the service reaches its database; left out: as the test does. */
    readonly open?: (url: string) => Promise<Database>;
    /** Takes what is logged, line by line. */
    readonly onLogged?: (line: string) => void;
  } = {},
): Promise<TestApp> {
  const config = readConfig({ LOG_LEVEL: 'silent', ...environment });
  const { open, onLogged, graceMs = 5_000, drainMs = 0 } = more;
  const log = pino({ level: config.logLevel }, onLogged && { write: onLogged });
  const { db: direct, url, drop } = await testDatabase();
  const db = (await open?.(url)) ?? direct;
  const monitor = await startMonitor({ url, log });
  const { identity } = monitor;
  const now = () => new Date();
  const bus = memoryBus();
  const onError = (error: unknown) => log.error(error);
  const notificationEvents = createNotificationEvents({ db, bus, identity, onError });
  const feed = createFeed({ db, bus, identity, onError });
  const prisma = servicePrisma(db);
  const dispatch = createDispatchPort(config.dispatch, {
    baseUrl: 'https://tidings.example.com',
    wake: () => undefined,
  });
  const surroundings = { db, prisma, bus, now, notificationEvents, feed, identity, limits: config.limits, dispatch };
  const metrics = createMetrics(db);
  const server = await createServer({
    config,
    log,
    db,
    checkDatabase: () => monitor.check(),
    renderMetrics: () => renderMetrics(metrics),
    authenticator: createAuthenticator({ db, now }),
    createContext: (viewer) => createContext(surroundings, viewer),
  });
  await server.http.listen({ host: '127.0.0.1', port: 0 });
  const address = server.http.server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');

  await seedTemplates(db);
  await seedAdmin(db, { email: 'admin@example.com', password: 'admin-password', token: 'the-token-of-admin' });
  const [admin] = await db.prisma.user.findMany({ where: { role: 'admin' } });
  if (!admin) throw new Error('no admin was seeded');
  const contextOf = ({ id }: Person) =>
    createContext(surroundings, { kind: 'user', id, role: id === admin.id ? 'admin' : 'member' });
  const adminPerson = { id: admin.id, token: 'the-token-of-admin' };
  const [alice, bob] = await createUsers(contextOf(adminPerson), [
    { email: 'alice@example.com', first_name: 'Alice', token: 'the-token-of-alice' },
    { email: 'bob@example.com', first_name: 'Bob', token: 'the-token-of-bob' },
  ]);
  if (alice === undefined || bob === undefined) throw new Error('the people were not created');

  return {
    url: `http://127.0.0.1:${address.port}`,
    db,
    people: {
      admin: adminPerson,
      alice: { id: alice, token: 'the-token-of-alice' },
      bob: { id: bob, token: 'the-token-of-bob' },
    },
    contextOf,
    async stop() {
      await server.close({ drainMs, cut: AbortSignal.timeout(graceMs) });
      notificationEvents.stop();
      feed.stop();
      monitor.close();
      await db.close();
      await drop();
    },
  };
}

/** Starts the service before the file's tests and stops it after them; read it inside the tests only. */
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
