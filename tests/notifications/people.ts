import { v7 as uuid } from 'uuid';
import { anonymous, type Role, userViewer, type Viewer } from '../../src/auth/viewer.ts';
import type { Database } from '../../src/database/database.ts';
import type { DispatchPort } from '../../src/dispatch/dispatch-port.ts';
import type { EnqueueContext } from '../../src/dispatch/enqueue.ts';
import type { MethodName } from '../../src/dispatch/method-names.ts';
import { channelsOf } from '../../src/dispatch/routes.ts';
import { type Bus, createMemoryBus } from '../../src/live/bus/bus.ts';
import type { ReadContext } from '../../src/notifications/context.ts';
import type { VersionRange } from '../../src/notifications/ranges.ts';
import type { NewNotification } from '../../src/notifications/write.ts';
import { type FullPrisma, servicePrisma } from '../../src/prisma.ts';
import { usersCollection } from '../../src/users/model.ts';

/** A context for the functions of all nouns. */
export interface Context extends EnqueueContext, ReadContext {
  readonly bus: Bus;
  readonly prisma: FullPrisma;
  /** The database behind the context, for reading its tables. */
  readonly db: Database;
}

/** Contexts of several users with one store and one bus. */
export interface People {
  readonly admin: Context;
  readonly alice: Context;
  readonly bob: Context;
  readonly anonymous: Context;
  /** Ids of alice, bob and the admin. */
  readonly ids: Readonly<Record<'admin' | 'alice' | 'bob', string>>;
  /** Published ranges, in order. */
  readonly published: VersionRange[][];
}

export const theTime = new Date('2026-11-22T03:50:37.215Z');

/** A dispatch port with only the inbox method, whose `wake` does nothing. */
export function aSilentDispatchPort(more: Partial<DispatchPort> = {}): DispatchPort {
  const methods = { defaultMethod: 'smtp', configured: new Set<MethodName>(['inbox']) } as const;
  return {
    ...methods,
    channelsOf: (template) => channelsOf(template, methods),
    mailOnCreate: undefined,
    baseUrl: 'https://tidings.example.com',
    customMessages: { take: () => undefined },
    wake: () => undefined,
    ...more,
  };
}

/** A context for a viewer, with its own bus and a fixed clock. */
export function contextFor(db: Database, viewer: Viewer, more: Partial<Context> = {}): Context {
  const limits = {
    queryDefault: 100,
    queryMax: undefined,
    batchMax: 10_000,
    recipientsMax: 100_000,
    relationalDepth: 10,
    payloadBytes: 1_000_000,
  };
  return {
    db,
    prisma: servicePrisma(db),
    viewer,
    now: () => theTime,
    bus: createMemoryBus(),
    limits,
    dispatch: aSilentDispatchPort(),
    usersCollection,
    ...more,
  };
}

/** Inserts a user directly; returns the id. */
export async function aUser(db: Database, role: Role = 'member'): Promise<string> {
  const id = uuid();
  await db.query({ text: 'insert into users (id, role) values ($1, $2)', values: [id, role] });
  return id;
}

/** Three new users and their contexts. */
export async function people(db: Database): Promise<People> {
  const ids = { admin: await aUser(db, 'admin'), alice: await aUser(db), bob: await aUser(db) };
  const published: VersionRange[][] = [];
  const bus: Bus = {
    ...createMemoryBus(),
    publish: (ranges) => void (ranges.length > 0 && published.push([...ranges])),
  };
  const as = (id: string, role: Role) => contextFor(db, userViewer(id, role), { bus });
  return {
    admin: as(ids.admin, 'admin'),
    alice: as(ids.alice, 'member'),
    bob: as(ids.bob, 'member'),
    anonymous: contextFor(db, anonymous, { bus }),
    ids,
    published,
  };
}

/** A notification for a recipient, with a subject. */
export function aNotification(recipient: string, more: NewNotification = {}): NewNotification {
  return { recipient, subject: 'Hello', ...more };
}

/** The stored inbox; null before its first write. */
export async function inboxOf(db: Database, recipient: string) {
  const [inbox] = await db.query<{ version: number; unread: number; total: number }>({
    text: 'select version, unread, total from inboxes where recipient_id = $1',
    values: [recipient],
  });
  return inbox ?? null;
}

/** Code and extensions of the error of a call; an array for several errors. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    const { code, extensions, errors } = error as {
      code?: unknown;
      extensions?: object;
      errors?: readonly { code: unknown; extensions: object }[];
    };
    if (errors) return errors.map((one) => ({ code: one.code, ...one.extensions }));
    if (code === undefined || extensions === undefined) throw error;
    return { code, ...extensions };
  }
  throw new Error('It did not fail.');
}
