import { createHash } from 'node:crypto';
import { rightsKey, type UserViewer } from '../auth/viewer.ts';
import { isTransientFault, retry } from '../database/faults.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { inUnitOfWork, type UnitOfWork } from '../database/unit-of-work.ts';
import { idempotencyKeyReused, requestInProgress } from '../errors.ts';
import type { IdempotencyMethods } from './sql/methods.ts';
import { createTurns } from './turns.ts';

/** A request that is to take effect at most once. */
export interface IdempotentRequest {
  readonly viewer: UserViewer;
  readonly key: string;
  /** What distinguishes the request from others of the viewer; JSON. */
  readonly content: unknown;
}

/** The answer to a request. */
export interface StoredAnswer {
  readonly status: number;
  /** JSON; null: the answer has no body. */
  readonly body: string | null;
}

/** Thrown by work that failed with a result of its own; `causes` decide whether the work is tried again. */
export class WorkFailed extends Error {
  override readonly name = 'WorkFailed';
  readonly result: unknown;
  readonly causes: readonly unknown[];

  constructor(result: unknown, causes: readonly unknown[]) {
    super('The work failed.');
    this.result = result;
    this.causes = causes;
  }
}

/** Runs requests with keys. */
export interface Idempotency<Methods> {
  /**
   * Runs `work` and stores its answer in the same transaction; or returns the answer that was stored for this key. What
   * `work` throws is thrown, and rolls everything back. After a deadlock or serialisation failure, `work` runs once more.
   * @throws ServiceError IDEMPOTENCY_KEY_REUSED if the key was used for another request; REQUEST_IN_PROGRESS while a
   * request with this key is running, on any node
   */
  run(
    request: IdempotentRequest,
    work: (unit: UnitOfWork<Methods>) => Promise<StoredAnswer>,
  ): Promise<{ readonly answer: StoredAnswer; readonly isReplayed: boolean }>;
}

export interface IdempotencyOptions {
  /** How long an answer is stored. */
  readonly hours: number;
  /** Number of connections of the pool. */
  readonly poolSize: number;
}

export function createIdempotency<Methods extends IdempotencyMethods>(
  prisma: ServicePrisma<Methods>,
  { hours, poolSize }: IdempotencyOptions,
): Idempotency<Methods> {
  // A request holds a connection for as long as it runs, so those of one user may have half of them.
  const turns = createTurns(Math.max(1, Math.floor(poolSize / 2)));
  return {
    run({ viewer, key, content }, work) {
      const user = viewer.id;
      // Another token of the user may have other rights, and may not read an answer that it could not have asked for.
      const request = sha256(JSON.stringify([rightsKey(viewer), content]));
      const attempt = () =>
        inUnitOfWork(prisma, async (unit) => {
          const { idempotencyKey }: IdempotencyMethods = unit.transaction;
          const [claim] = await idempotencyKey.claim({ lock: lockOf(user, key), user, key, request, hours });
          if (claim?.got !== true) throw requestInProgress();
          if (claim.is_same === false) throw idempotencyKeyReused();
          if (claim.is_same) return { answer: { status: claim.status, body: claim.answer }, isReplayed: true };
          const { status, body } = await work(unit);
          const [kept] = await idempotencyKey.keep({ user, key, request, status, answer: body, hours });
          if (kept?.is_taken) throw new AnswerStoredError();
          return { answer: { status, body }, isReplayed: false };
        });
      return turns.run(user, () => retry(attempt, { attempts: 3, delayMs: 20, mayRetry: isTransient }));
    },
  };
}

/** Thrown to run a request again, because an equal one has stored its answer after this one looked for it. */
class AnswerStoredError extends Error {
  override readonly name = 'AnswerStoredError';
}

function isTransient(error: unknown): boolean {
  if (error instanceof AnswerStoredError) return true;
  return isTransientFault(error) || (error instanceof WorkFailed && error.causes.some(isTransientFault));
}

/** The key of an advisory lock. It is negative, and all other locks of the service have positive keys. */
function lockOf(user: string, key: string): bigint {
  return -(sha256(`${user} ${key}`).readBigUInt64BE() >> 1n) - 1n;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
