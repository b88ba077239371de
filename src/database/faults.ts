import { setTimeout as delay } from 'node:timers/promises';
import { sqlStateOf } from '../outage.ts';

/** A statement that PostgreSQL refused, as the driver or Prisma throws it. */
interface Fault {
  readonly constraint?: unknown;
  readonly meta?: {
    readonly driverAdapterError?: { readonly cause?: { readonly constraint?: { readonly index?: unknown } } };
  };
}

/** Whether a statement failed because a row it points at is not there, or is still pointed at. */
export function isForeignKeyFault(error: unknown): boolean {
  const code = sqlStateOf(error);
  // 23001 is how PostgreSQL 18 reports ON DELETE RESTRICT.
  return code === '23503' || code === '23001' || prismaCodeOf(error) === 'P2003';
}

/** Whether a statement failed because a value is taken, of the index of this name or of any. */
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

/** Whether a statement took longer than it may, or was cancelled by hand. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlStateOf(error) === '57014';
}

/** Whether a statement failed for no reason of its own and may be run again: deadlock, serialisation failure. */
export function isTransientFault(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === '40P01' || code === '40001' || prismaCodeOf(error) === 'P2034';
}

/** Whether it is the fault of one row, of its values or of what it points at, which no later try can mend. */
export function isRowFault(error: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(error) ?? '');
}

/** Whether the database user may not do this. */
export function isPermissionFault(error: unknown): boolean {
  return sqlStateOf(error) === '42501';
}

/** Whether a table or column is not there. */
export function isSchemaFault(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === '42P01' || code === '42703';
}

/** Whether a connection cannot be used after this error: faults of the connection, shutdowns, time-outs of the session. */
export function endsConnection(error: unknown): boolean {
  const code = sqlStateOf(error);
  // By code, as the severity is a translated word. Without one, it is not the database that refused a statement.
  return code === undefined || /^(08|57P|25P0[34])/.test(code);
}

/** Raised to start a write over: a row went to an inbox that was not locked. */
export class Moved extends Error {
  override readonly name = 'Moved';
}

/** How often something is tried, and how. */
export interface Retry {
  /** The first try included. */
  readonly attempts: number;
  /** Whether to try again after this error; may throw another one instead. */
  readonly mayRetry: (error: unknown) => boolean | Promise<boolean>;
  /** Between two tries, on average; left out: none. */
  readonly delayMs?: number;
  /** What is thrown when the last try failed with an error after which it would be tried again; left out: that error. */
  readonly exhausted?: (error: unknown) => unknown;
}

/** Runs something again while it fails for a reason that may be gone next time. It must hold no effect of its own. */
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

/** How a transaction is tried: once more after a deadlock or serialisation failure. */
export const onceMore: Retry = { attempts: 2, mayRetry: isTransientFault, delayMs: 20 };

function prismaCodeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^P\d{4}$/.test(code) ? code : undefined;
}
