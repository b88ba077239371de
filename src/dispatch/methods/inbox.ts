import pg from 'pg';
import type { Database } from '../../database/database.ts';
import { isLockTimeout, isStatementTimeout, isTakenKeyFault, isTransientFault } from '../../notifications/faults.ts';
import { textLimits } from '../../notifications/model.ts';
import type { Publisher } from '../../notifications/ranges.ts';
import { skipTakenKeys } from '../../notifications/sequence.ts';
import { isOutage } from '../../outage.ts';
import { reasonOf } from '../attempt.ts';
import { insertDelivered } from '../insert-delivered.ts';
import { type HeldLease, type Message, type Outcome, type Store, sent, type Untried } from './method.ts';

type Outcomes = ReadonlyMap<string, Outcome | Untried>;

const attempts = 3;
/** Of a lease, for the results to be stored that are not stored with their notifications. */
const reserveMs = 1000;

/** Puts messages into inboxes: a whole lease in one transaction, together with the note that they are sent. */
export function createInbox({
  db,
  bus,
  now,
}: {
  readonly db: Database;
  readonly bus: Publisher;
  readonly now: () => Date;
}): Store {
  const store = async (messages: readonly Message[], leaseId: string, skipLocked: boolean): Promise<Outcomes> => {
    const { stored, ranges, locked } = await insertDelivered(db, {
      leaseId,
      timestamp: now(),
      rows: messages.map(({ id, content, payload }) => ({
        id,
        subject: subjectOf(content.subject, payload.notification_name),
        message: content.bodyMarkdown,
      })),
      skipLocked,
    });
    bus.publish(ranges);
    // The others are in their inboxes already, or somebody else's by now: there the result has no effect.
    const rest = messages.filter(({ id }) => !stored.has(id));
    return new Map(rest.map(({ id }) => [id, locked.has(id) ? untried('the inbox is locked') : sent]));
  };

  const storeUnderFreeKeys: typeof store = async (messages, leaseId, skipLocked) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await store(messages, leaseId, skipLocked);
      } catch (error) {
        if (attempt === attempts || !isTakenKeyFault(error)) throw error;
        await skipTakenKeys(db);
      }
    }
  };

  /** All at once; when that does not work, first without the inboxes that are locked, then in halves. */
  const deliver = async (messages: readonly Message[], lease: HeldLease, skipLocked: boolean): Promise<Outcomes> => {
    try {
      return await storeUnderFreeKeys(messages, lease.id, skipLocked);
    } catch (error) {
      const isContended = isLockTimeout(error) || isTransientFault(error);
      if (isContended && !skipLocked) return deliver(messages, lease, true);
      // One row that cannot be stored, or would take too long, must not keep the others from their inboxes.
      const maySplit = messages.length > 1 && (isContended || isStatementTimeout(error) || isOfOneRow(error));
      if (!maySplit) return all(messages, outcomeOf(error));
      const half = Math.ceil(messages.length / 2);
      const first = await deliverInTime(messages.slice(0, half), lease);
      return new Map([...first, ...(await deliverInTime(messages.slice(half), lease))]);
    }
  };
  const deliverInTime = (messages: readonly Message[], lease: HeldLease) =>
    performance.now() + reserveMs < lease.expiresAt
      ? deliver(messages, lease, true)
      : all(messages, untried('the database was too slow'));

  return {
    name: 'inbox',
    deliverMany: (messages, lease) => deliver(messages, lease, false),
    close: async () => undefined,
  };
}

/** What is not the message's own fault is no attempt. */
function outcomeOf(error: unknown): Outcome | Untried {
  if (isOfOneRow(error)) return { kind: 'fail', reason: error.message };
  if (isOutage(error) || isLockTimeout(error) || isTransientFault(error))
    return untried('the database was not available');
  return { kind: 'retry', reason: reasonOf(error) };
}

function untried(reason: string): Untried {
  return { kind: 'untried', reason };
}

function all(messages: readonly Message[], outcome: Outcome | Untried): Outcomes {
  return new Map(messages.map(({ id }) => [id, outcome]));
}

/** Whether it is a row's own fault, of its values or what it points at, which no later try can mend. */
function isOfOneRow(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
}

function subjectOf(title: string, name: string): string {
  const text = title === '' ? name : title;
  return text.length <= textLimits.subject ? text : [...text].slice(0, textLimits.subject).join('');
}
