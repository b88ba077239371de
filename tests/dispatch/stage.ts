import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { v7 as uuid } from 'uuid';
import { type Role, userViewer } from '../../src/auth/viewer.ts';
import type { DispatchConfig } from '../../src/config.ts';
import type { Database, Queryable } from '../../src/database/database.ts';
import type { Sql } from '../../src/database/sql.ts';
import { createDispatchPort } from '../../src/dispatch/dispatch-port.ts';
import { type Dispatcher, type DispatcherOptions, startDispatcher } from '../../src/dispatch/dispatcher.ts';
import { enqueue } from '../../src/dispatch/enqueue.ts';
import type { NewMessage } from '../../src/dispatch/input.ts';
import type { MethodName } from '../../src/dispatch/method-names.ts';
import { type Message, type Outcome, type SingleMethod, signalOf } from '../../src/dispatch/methods/method.ts';
import { createMemoryBus } from '../../src/live/bus/bus.ts';
import type { VersionRange } from '../../src/notifications/ranges.ts';
import { signUnsubscription } from '../../src/preferences/unsubscribe-token.ts';
import type { FullPrisma } from '../../src/prisma.ts';
import { readConfig } from '../../src/read-config.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import type { Context } from '../notifications/people.ts';
import { contextFor } from '../notifications/people.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { prismaOver } from '../support/prisma-over.ts';

export const baseUrl = 'https://tidings.example.com';
/** Fixed, so that golden mails stay the same. */
export const unsubscribeKey = Buffer.alloc(32, 7);

/** The token in links that reset a password. */
export const resetToken = 'the.token.of-a-reset';

/** Ids of some templates. */
export const templates = {
  workspaceDeleted: 'f517da0b-cdc9-410f-ab89-a86107c420ed',
  workspaceDormant: '0ea69165-ec14-4314-91f1-69566ac3c5a0',
  workspaceCreated: '281fdf73-c6d6-4cbb-8ff5-888baf8a2fff',
  passcode: '62f86a30-2330-4b61-a26d-311ff3b608cf',
  test: 'c425f63e-716a-4bf4-ae24-78348f706c3f',
  custom: '39b1e189-c857-4b0c-877a-511144c18516',
} as const;

/** A line of the delivery log. */
export interface Line {
  readonly id: string;
  readonly method: MethodName;
  readonly status: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly leaseId: string | null;
}

/** Short intervals, so that tests do not wait for timers. */
const shortly = { FETCH_INTERVAL_MS: '20', RETRY_INTERVAL_MS: '1' };

/** A user to send messages to. */
export interface Recipient {
  readonly id: string;
  readonly email: string;
}

/** A database with the templates and two users, an admin and Bobby, with functions to enqueue and dispatch. */
export interface Stage {
  readonly db: Database;
  readonly prisma: FullPrisma;
  readonly config: DispatchConfig;
  readonly bobby: Recipient;
  readonly admin: Context;
  /** The ranges published so far. */
  readonly published: VersionRange[];
  contextOf(recipient: Recipient, role?: Role): Context;
  aRecipient(more?: {
    readonly firstName?: string;
    readonly username?: string;
    readonly email?: string;
  }): Promise<Recipient>;
  /** Enqueues a message about a deleted workspace for Bobby. */
  enqueue(more?: Partial<NewMessage>): ReturnType<typeof enqueue>;
  /** Starts a dispatcher, which is stopped when the stage is closed. */
  start(more?: Partial<Omit<DispatcherOptions, 'prisma'>> & { readonly db?: Database }): Dispatcher;
  /**
   * Resolves when dispatchers of this stage have stored `count` status updates, not counting those of inbox batches.
   */
  settled(count: number): Promise<void>;
  /** Resolves when `count` deliveries to inboxes are stored, which happens independently of the other methods. */
  inboxed(count: number): Promise<void>;
  /** The delivery log, oldest first. */
  log(): Promise<Line[]>;
  close(): Promise<void>;
}

/**
 * @param environment variables that differ from their defaults
 * @param database default: a new one on the test server
 */
export async function aStage(
  environment: Readonly<Record<string, string>> = {},
  database?: Pick<TestDatabase, 'db' | 'drop'>,
): Promise<Stage> {
  const config = readConfig({ ...shortly, ...environment }).dispatch;
  const { db, drop } = database ?? (await testDatabase());
  await seedTemplates(db.prisma);
  const published: VersionRange[] = [];
  const bus = createMemoryBus();
  await bus.subscribe({ written: (ranges) => void published.push(...ranges), interrupted: () => undefined });
  const dispatchers: Dispatcher[] = [];
  const dispatch = createDispatchPort(config, {
    baseUrl,
    wake: () => {
      for (const dispatcher of dispatchers) dispatcher.wake();
    },
  });

  const results = aCounter();
  const observed = (below: Database): Database => ({
    ...below,
    query: async <Row>(sql: Sql) => {
      const rows = await below.query<Row>(sql);
      if (sql.name?.startsWith('settle_deliveries')) results.add((rows[0] as { readonly stored: number }).stored);
      return rows;
    },
  });

  const aRecipient: Stage['aRecipient'] = async ({ firstName = 'Bobby', username, email } = {}) => {
    const id = uuid();
    const address = email ?? `${id}@example.com`;
    await db.query({
      text: 'insert into users (id, email, first_name, username) values ($1, $2, $3, $4)',
      values: [id, address === '' ? null : address, firstName, username ?? `user-${id}`],
    });
    return { id, email: address };
  };
  const log: Stage['log'] = () =>
    db.query<Line>({
      text: `select d.id, d.method, case when lease.id is null then status else 'leased' end as status,
                    status_reason as reason, attempt_count as attempts, lease.id as "leaseId"
             from deliveries d
             left join delivery_leases lease on d.id = any (delivery_ids) and status in ('pending', 'temporary_failure')
             order by d.id`,
      values: [],
    });
  const bobby = await aRecipient({ username: 'bobby', email: 'bobby@example.com' });
  const contextOf = ({ id }: { readonly id: string }, role: Role = 'member') =>
    contextFor(db, userViewer(id, role), { bus, dispatch, now: () => new Date() });
  const admin = contextOf(await aRecipient({ firstName: 'Ada' }), 'admin');

  return {
    db,
    prisma: admin.prisma,
    config,
    bobby,
    admin,
    published,
    contextOf,
    aRecipient,
    enqueue: (more) =>
      enqueue(admin, {
        template: templates.workspaceDeleted,
        recipients: [bobby.id],
        labels: { name: 'dev', reason: 'inactive', initiator: 'Ada', nonce: uuid() },
        ...more,
      }),
    start({ db: ownDb = db, ...more } = {}) {
      const dispatcher = startDispatcher({
        config,
        bus,
        log: pino({ level: 'silent' }),
        now: () => new Date(),
        baseUrl: () => baseUrl,
        unsubscribeToken: (userId, templateId) =>
          signUnsubscription(unsubscribeKey, { userId, templateId, channel: 'smtp' }),
        resetToken: async () => resetToken,
        random: () => 0,
        ...more,
        prisma: prismaOver(observed(ownDb)),
      });
      dispatchers.push(dispatcher);
      return dispatcher;
    },
    settled: results.reached,
    async inboxed(count) {
      const isInboxed = ({ method, status }: Line) => method === 'inbox' && status === 'sent';
      while ((await log()).filter(isInboxed).length < count) await delay(10);
    },
    log,
    async close() {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
      await drop();
    },
  };
}

/** The context of the admin in a service that has only these methods. */
export function adminWith({ admin }: Stage, methods: readonly MethodName[]): Context {
  return { ...admin, dispatch: { ...admin.dispatch, configured: new Set(methods) } };
}

/** The ids of deliveries, by method. */
export type Ids = Readonly<Partial<Record<MethodName, readonly string[]>>>;

export interface StoredDelivery {
  readonly user_id: string;
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly targets: readonly string[];
  readonly created_by: string;
}

/** The rows of these deliveries with their complete payloads. */
export function deliveriesOf(db: Queryable, ids: Ids) {
  return db.query<StoredDelivery>({
    text: `select user_id, method, coalesce(content, '{}') || coalesce(own_payload, '{}') as payload, targets, created_by
           from deliveries left join payloads on payloads.id = payload_id
           where deliveries.id = any ($1::uuid[]) order by method`,
    values: [Object.values(ids).flat()],
  });
}

/** A method whose outcomes the test decides; it records its messages. */
export interface FakeMethod extends SingleMethod {
  readonly messages: Message[];
  /** Resolves when it has received `count` messages. */
  received(count: number): Promise<void>;
}

/** @param answer returns the outcome of an attempt; default: sent */
export function aMethod(
  name: MethodName,
  answer: (message: Message, attempt: number, signal: AbortSignal) => Outcome | Promise<Outcome> = () => ({
    kind: 'sent',
  }),
): FakeMethod {
  const messages: Message[] = [];
  const counter = aCounter();
  return {
    name,
    messages,
    received: counter.reached,
    async deliver(message, attempt) {
      messages.push(message);
      counter.add();
      return answer(message, messages.length, signalOf(attempt));
    },
    close: async () => undefined,
  };
}

/** Counts events; `reached` resolves when there were `count` of them. */
export function aCounter(): { add(more?: number): void; reached(count: number): Promise<void> } {
  let events = 0;
  const waiting = new Set<{ readonly count: number; readonly done: () => void }>();
  return {
    add(more = 1) {
      events += more;
      for (const one of waiting) if (events >= one.count && waiting.delete(one)) one.done();
    },
    reached: (count) =>
      new Promise((done) => {
        if (events >= count) done();
        else waiting.add({ count, done });
      }),
  };
}

/** Method and status of each line, sorted: `smtp sent`. */
export function short(lines: readonly Line[]): string[] {
  return lines.map(({ method, status }) => `${method} ${status}`).toSorted();
}
