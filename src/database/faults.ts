import { setTimeout as delay } from 'node:timers/promises';
import { sqlStateOf } from '../outage.ts';

/** The error of a statement that PostgreSQL refused, as the driver or Prisma throws it. */
interface Fault {
  readonly constraint?: unknown;
  readonly meta?: {
    readonly driverAdapterError?: { readonly cause?: { readonly constraint?: { readonly index?: unknown } } };
  };
}

/** Whether a statement failed because it references a missing row, or deletes a row that is still referenced. */
export function isForeignKeyFault(error: unknown): boolean {
  const code = sqlStateOf(error);
  // 23001 is how PostgreSQL 18 reports ON DELETE RESTRICT.
  return code === '23503' || code === '23001' || prismaCodeOf(error) === 'P2003';
}

/** Whether a statement violated a unique index: the one with this name, or any. */
export function isUniqueFault(error: unknown, constraint?: string): boolean {
  const isTaken = sqlStateOf(error) === '23505' || prismaCodeOf(error) === 'P2002';
  return isTaken && (constraint === undefined || constraintOf(error) === constraint);
}

/** The constraint or index that refused a statement, where the error names it. */
export function constraintOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { constraint, meta } = error as Fault;
  const name = constraint ?? meta?.driverAdapterError?.cause?.constraint?.index;
  return typeof name === 'string' ? name : undefined;
}

/** Whether a statement waited too long for a lock that another transaction holds. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === '55P03';
}

/** Whether a statement timed out or was cancelled. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlStateOf(error) === '57014';
}

/**
 * Whether a statement failed because of concurrent transactions (deadlock, serialisation failure) and may be retried.
 */
export function isTransientFault(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === '40P01' || code === '40001' || prismaCodeOf(error) === 'P2034';
}

/** Whether the values or references of a row are invalid, so that a retry would fail as well. */
export function isRowFault(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '');
}

/** Whether the database user lacks the permission. */
export function isPermissionFault(error: unknown): boolean {
  return sqlStateOf(error) === '42501';
}

/** Whether a table or column does not exist. */
export function isSchemaFault(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === '42P01' || code === '42703';
}

/**
 * Whether a connection cannot be used after this error: a connection error, a shutdown of the server, or a timeout of
 * the session.
 */
export function endsConnection(error: unknown): boolean {
  const code = sqlStateOf(error);
  // The code decides, because the text of the severity is translated. An error without a code does not come from the
  // server.
  return code === undefined || /^(08|57P|25P0[34])/.test(code);
}

/** Thrown to repeat a write, because a row has moved to an inbox that the write did not lock. */
export class MovedRowError extends Error {
  override readonly name = 'MovedRowError';
}

/** When and how often work is retried. */
export interface Retry {
  /** Maximum number of tries, including the first. */
  readonly attempts: number;
  /** Whether to try again after this error; may throw another one instead. */
  readonly mayRetry: (error: unknown) => boolean | Promise<boolean>;
  /** Average milliseconds between two tries; default 0. */
  readonly delayMs?: number;
  /** The error to throw when the last try failed with an error that may be retried; default: that error. */
  readonly exhausted?: (error: unknown) => unknown;
}

/** Runs `work`, and again after errors that may be retried. `work` must have no effects outside the database. */
export async function retry<Result>(
  work: () => Promise<Result>,
  { attempts, mayRetry, delayMs = 0, exhausted }: Retry,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(await mayRetry(error))) throw error;
      if (attempt === attempts) throw exhausted === undefined ? error : exhausted(error);
      // Retrying immediately could take the locks again that the other transaction is waiting for.
      if (delayMs > 0) await delay(delayMs * (0.5 + Math.random()));
    }
  }
}

/** Retries a transaction once after a deadlock or serialisation failure. */
export const retryOnce: Retry = { attempts: 2, mayRetry: isTransientFault, delayMs: 20 };

function prismaCodeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^P\d{4}$/.test(code) ? code : undefined;
}
