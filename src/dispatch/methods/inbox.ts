import {
  isLockTimeout,
  isRowFault,
  isStatementTimeout,
  isTransientFault,
  isUniqueFault,
} from '../../database/faults.ts';
import { textLimits } from '../../notifications/model.ts';
import type { Publisher } from '../../notifications/ranges.ts';
import { skipTakenKeys } from '../../notifications/sequence.ts';
import { isOutage } from '../../outage.ts';
import { deliverToInboxes } from '../deliver-to-inboxes.ts';
import type { DispatchPrisma } from '../dispatch-prisma.ts';
import {
  type BatchMethod,
  type CurrentLease,
  failureReason,
  type Message,
  type Outcome,
  sent,
  type Untried,
} from './method.ts';

/** The part of Prisma that delivering to inboxes uses. */
export type InboxPrisma = Pick<DispatchPrisma, 'delivery' | 'notification' | '$statements'>;

type Outcomes = ReadonlyMap<string, Outcome | Untried>;

const maxTries = 3;
/** Time kept at the end of a lease for storing the statuses that are not stored with the notifications. */
const reserveMs = 1000;

/**
 * Delivers messages to inboxes: creates the notifications of a whole lease and marks its deliveries sent, in one
 * transaction.
 */
export function createInbox({
  prisma,
  bus,
  now,
}: {
  readonly prisma: InboxPrisma;
  readonly bus: Publisher;
  readonly now: () => Date;
}): BatchMethod {
  const store = async (messages: readonly Message[], leaseId: string, skipLocked: boolean): Promise<Outcomes> => {
    const { stored, ranges, locked } = await deliverToInboxes(prisma, {
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
    // The remaining messages were delivered before or are no longer leased by this node; for the latter, `sent` has no
    // effect.
    const rest = messages.filter(({ id }) => !stored.has(id));
    return new Map(rest.map(({ id }) => [id, locked.has(id) ? untried('the inbox is locked') : sent]));
  };

  const storeSkippingTakenKeys: typeof store = async (messages, leaseId, skipLocked) => {
    for (let tries = 1; ; tries++) {
      try {
        return await store(messages, leaseId, skipLocked);
      } catch (error) {
        if (tries === maxTries || !isUniqueFault(error, 'notifications_pkey')) throw error;
        await skipTakenKeys(prisma);
      }
    }
  };

  /** Delivers all messages at once. If that fails, retries without the locked inboxes, then in halves. */
  const deliver = async (messages: readonly Message[], lease: CurrentLease, skipLocked: boolean): Promise<Outcomes> => {
    try {
      return await storeSkippingTakenKeys(messages, lease.id, skipLocked);
    } catch (error) {
      const isContended = isLockTimeout(error) || isTransientFault(error);
      if (isContended && !skipLocked) return deliver(messages, lease, true);
      // Splitting isolates a row that cannot be stored or takes too long, so that the others are delivered.
      const maySplit = messages.length > 1 && (isContended || isStatementTimeout(error) || isRowFault(error));
      if (!maySplit) return sameForAll(messages, outcomeOf(error));
      const half = Math.ceil(messages.length / 2);
      const first = await deliverInTime(messages.slice(0, half), lease);
      return new Map([...first, ...(await deliverInTime(messages.slice(half), lease))]);
    }
  };
  const deliverInTime = (messages: readonly Message[], lease: CurrentLease) =>
    performance.now() + reserveMs < lease.expiresAt
      ? deliver(messages, lease, true)
      : sameForAll(messages, untried('the database was too slow'));

  return {
    name: 'inbox',
    deliverMany: (messages, lease) => deliver(messages, lease, false),
    close: async () => undefined,
  };
}

/** An error that the message did not cause, such as an outage, does not count as an attempt. */
function outcomeOf(error: unknown): Outcome | Untried {
  if (isRowFault(error)) return { kind: 'failed', reason: failureReason(error) };
  if (isOutage(error) || isLockTimeout(error) || isTransientFault(error))
    return untried('the database was not available');
  return { kind: 'retry', reason: failureReason(error) };
}

function untried(reason: string): Untried {
  return { kind: 'untried', reason };
}

function sameForAll(messages: readonly Message[], outcome: Outcome | Untried): Outcomes {
  return new Map(messages.map(({ id }) => [id, outcome]));
}

function subjectOf(title: string, name: string): string {
  const text = title === '' ? name : title;
  return text.length <= textLimits.subject ? text : [...text].slice(0, textLimits.subject).join('');
}
