import pg from 'pg';
import type { Queryable } from '../database/database.ts';
import { invalidForeignKey, recordNotUnique } from '../errors.ts';
import { notificationsCollection } from './model.ts';

const collection = notificationsCollection.name;

/** What a write points at: users by the field that names them, in the order they were given. */
export interface Pointers {
  readonly recipients: readonly string[];
  readonly senders: readonly string[];
}

/** Whether a statement failed because a user it points at is not there. */
export function isForeignKeyFault(error: unknown): boolean {
  // 23001 is how PostgreSQL 18 reports ON DELETE RESTRICT.
  return error instanceof pg.DatabaseError && (error.code === '23503' || error.code === '23001');
}

/** Whether a statement failed because the key of a notification is taken. */
export function isTakenKeyFault(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === 'notifications_pkey';
}

/** Whether a statement waited too long for a lock that another transaction holds. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03';
}

/** Whether a statement took longer than it may, or was cancelled by hand. */
export function isStatementTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014';
}

/** Whether a statement failed for no reason of its own and may be run again: deadlock, serialisation failure. */
export function isTransientFault(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40P01' || error.code === '40001');
}

/**
 * Looks for the user that is not there; only asked after a constraint failed. Returns when all of them are
 * there, as when one was deleted and made again meanwhile: then the write may be tried again.
 * @throws ServiceError INVALID_FOREIGN_KEY naming the first field and value that point at nothing.
 */
export async function findDangling(db: Queryable, { recipients, senders }: Pointers): Promise<void> {
  const found = await db.query<{ id: string }>({
    text: 'select id from users where id = any ($1::uuid[])',
    values: [[...new Set([...recipients, ...senders])]],
  });
  const known = new Set(found.map(({ id }) => id));
  const recipient = recipients.find((id) => !known.has(id));
  if (recipient !== undefined) throw invalidForeignKey(collection, 'recipient', recipient);
  const sender = senders.find((id) => !known.has(id));
  if (sender !== undefined) throw invalidForeignKey(collection, 'sender', sender);
}

/** @throws ServiceError RECORD_NOT_UNIQUE naming the first of these keys that is taken. */
export async function findTaken(db: Queryable, ids: readonly number[]): Promise<void> {
  const taken = await db.query<{ id: number }>({
    text: `select id from unnest($1::bigint[]) with ordinality as given (id, place)
           join notifications using (id) order by place limit 1`,
    values: [ids],
  });
  if (taken[0] !== undefined) throw recordNotUnique(collection, 'id', taken[0].id);
}
