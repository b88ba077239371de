import { isForeignKeyFault, isTransientFault, retry } from '../database/faults.ts';
import type { FilledTemplate } from './enqueue-template.ts';
import type { CheckedMessage } from './input.ts';
import { idPrefix } from './payload.ts';
import type { Stored } from './sql/enqueue-deliveries.ts';
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
}

const attempts = 3;

/** Stores and queues a delivery for each recipient and method: all deliveries, or none if a recipient is unknown. */
export async function storeMessages(
  { delivery }: Pick<DispatchMethods, 'delivery'>,
  message: CheckedMessage,
  { template, methods, payload, ownActions }: FilledTemplate,
  { mayRetry, createdBy, now, listSkipped, traceparent }: StoreOptions,
): Promise<Stored> {
  const parameters = {
    recipients: message.recipients,
    template: template.id,
    isEnabledByDefault: template.enabled_by_default,
    payload: JSON.stringify(payload),
    methods,
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
