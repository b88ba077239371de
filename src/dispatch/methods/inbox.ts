import pg from 'pg';
import type { Database } from '../../database/database.ts';
import type { Bus } from '../../live/bus.ts';
import { isTakenKeyFault, isTransientFault } from '../../notifications/faults.ts';
import { insertDelivered } from '../../notifications/insert-delivered.ts';
import { textLimits } from '../../notifications/model.ts';
import { skipTakenKeys } from '../../notifications/sequence.ts';
import { type Message, type Outcome, type Store, sent } from './method.ts';

const attempts = 3;

/** Puts messages into inboxes: a whole lease in one transaction, together with the note that they are sent. */
export function createInbox({
  db,
  bus,
  now,
}: {
  readonly db: Database;
  readonly bus: Bus;
  readonly now: () => Date;
}): Store {
  const store = async (messages: readonly Message[], leaseId: string): Promise<ReadonlyMap<string, Outcome>> => {
    const { stored, ranges } = await insertDelivered(db, {
      leaseId,
      timestamp: now(),
      rows: messages.map(({ id, content, payload }) => ({
        id,
        subject: subjectOf(content.titleMarkdown, payload.notification_name),
        message: content.bodyMarkdown,
      })),
    });
    bus.publish(ranges);
    // The others are in their inboxes already, or somebody else's by now: there the result has no effect.
    return new Map(messages.filter(({ id }) => !stored.has(id)).map(({ id }) => [id, sent]));
  };

  const retrying = async (messages: readonly Message[], leaseId: string): Promise<ReadonlyMap<string, Outcome>> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await store(messages, leaseId);
      } catch (error) {
        const isTaken = isTakenKeyFault(error);
        if (attempt === attempts || !(isTaken || isTransientFault(error))) throw error;
        if (isTaken) await skipTakenKeys(db);
      }
    }
  };

  const deliverMany: Store['deliverMany'] = async (messages, leaseId) => {
    try {
      return await retrying(messages, leaseId);
    } catch (error) {
      if (!isOfOneRow(error)) throw error;
      const [message] = messages;
      if (message !== undefined && messages.length === 1) {
        return new Map([[message.id, { kind: 'fail', reason: error.message }]]);
      }
      // One row that cannot be stored must not keep the others from their inboxes.
      const half = Math.ceil(messages.length / 2);
      const first = await deliverMany(messages.slice(0, half), leaseId);
      return new Map([...first, ...(await deliverMany(messages.slice(half), leaseId))]);
    }
  };

  return { name: 'inbox', deliverMany, close: async () => undefined };
}

/** Whether it is a row's own fault, of its values or what it points at, which no later try can mend. */
function isOfOneRow(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
}

function subjectOf(title: string, name: string): string {
  const text = title === '' ? name : title;
  return text.length <= textLimits.subject ? text : [...text].slice(0, textLimits.subject).join('');
}
