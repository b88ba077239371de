import { isForeignKeyFault, isTransientFault, retry } from '../database/faults.ts';
import type { Decision } from '../preferences/decide.ts';
import type { FilledTemplate } from './enqueue-template.ts';
import type { CheckedMessage } from './input.ts';
import { afterQuietHours, leftOutReason, quietReason } from './left-out.ts';
import type { MethodName } from './method-names.ts';
import { idPrefix } from './payload.ts';
import type { NewDelivery, Stored } from './sql/enqueue-deliveries.ts';
import type { DispatchMethods } from './sql/methods.ts';

export interface StoreOptions {
  readonly createdBy: string;
  readonly now: Date;
  /** The trace that the deliveries belong to. */
  readonly traceparent: string | null;
  /** Whether to return the skipped recipients. */
  readonly listSkipped: boolean;
  /** False inside a transaction, which a failed statement ends. */
  readonly mayRetry: boolean;
  /** Returns a number from 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

const attempts = 3;

/** How a delivery is stored, by what was decided about it. */
function newDelivery(method: MethodName, { verdict, rule, until }: Decision, random: () => number): NewDelivery {
  const stored = rule === 'template_default' ? null : rule;
  if (verdict === 'left_out') {
    return { method, status: 'inhibited', reason: leftOutReason(rule), rule, due_at: null };
  }
  if (until === null) return { method, status: 'pending', reason: null, rule: stored, due_at: null };
  return { method, status: 'pending', reason: quietReason, rule, due_at: afterQuietHours(until, random) };
}

/** Stores and queues a delivery for each recipient and method: all deliveries, or none if a recipient is unknown. */
export async function storeMessages(
  { delivery }: Pick<DispatchMethods, 'delivery'>,
  message: CheckedMessage,
  { template, decisions, payload, ownActions }: FilledTemplate,
  { mayRetry, createdBy, now, listSkipped, traceparent, random = Math.random }: StoreOptions,
): Promise<Stored> {
  const parameters = {
    recipients: message.recipients,
    template: template.id,
    payload: JSON.stringify(payload),
    usual: decisions.usual.map(({ method, decision }) => newDelivery(method, decision, random)),
    exceptions: decisions.exceptions.map(({ recipient, method, decision }) => ({
      recipient,
      ...newDelivery(method, decision, random),
    })),
    targets: message.targets,
    createdBy,
    dedupeDay: message.dedupe ? now.toISOString().slice(0, 10) : null,
    idPrefix: idPrefix(now),
    dedupeContent: JSON.stringify({ labels: message.labels, data: message.data }),
    listSkipped,
    traceparent,
    ownActions,
  };
  const [stored] = await retry(() => delivery.enqueue(parameters), {
    attempts: mayRetry ? attempts : 1,
    // A recipient who is deleted while the statement runs violates a foreign key; the next try reports that recipient
    // as unknown.
    mayRetry: (error) => isTransientFault(error) || isForeignKeyFault(error),
  });
  if (stored === undefined) throw new Error('The statement that enqueues deliveries returned no row.');
  return stored;
}
