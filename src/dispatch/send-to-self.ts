import { may } from '../auth/rights.ts';
import { forbiddenCollection } from '../errors.ts';
import { templateIds } from '../templates/model.ts';
import { type EnqueueContext, type Enqueued, enqueue } from './enqueue.ts';
import { deliveriesCollection } from './input.ts';
import { customLabels } from './own-text.ts';

/**
 * Sends the viewer a test message; every call sends a new one.
 * @throws ServiceError FORBIDDEN unless the viewer may send to others; FAILED_VALIDATION of `template`, type
 * `disabled`, when the viewer has disabled it.
 */
export async function sendTestNotification(context: EnqueueContext): Promise<Enqueued> {
  const { viewer, now } = context;
  if (viewer.kind === 'anonymous' || !may(viewer, 'deliveries.send'))
    throw forbiddenCollection(deliveriesCollection, 'create');
  return enqueue(context, {
    template: templateIds.troubleshooting,
    recipients: [viewer.id],
    // Makes each message different, so that none is dropped as a duplicate.
    data: { timestamp: now().toISOString() },
    createdBy: 'send-test-notification',
  });
}

/**
 * Sends the viewer a message with a text of their own. The same text is sent at most once per minute. Viewers who
 * may not send to others may send 30 messages per minute.
 * @throws ServiceError FORBIDDEN unless the viewer may send to themselves; FAILED_VALIDATION of `title` or `message`
 * that is blank (type `required`) or longer than `customLimits` (type `length`), with a sentence as `reason`; of
 * `template` (type `disabled`) when the viewer disabled such messages; RECORD_NOT_UNIQUE for the same text in the same
 * minute; REQUESTS_EXCEEDED beyond the limit per minute.
 */
export async function sendCustomNotification(
  context: EnqueueContext,
  text: { readonly title: unknown; readonly message: unknown },
): Promise<Enqueued> {
  const { viewer, now, dispatch } = context;
  if (viewer.kind === 'anonymous' || !may(viewer, 'deliveries.send_to_self')) {
    throw forbiddenCollection(deliveriesCollection, 'create');
  }
  const labels = customLabels(text);
  if (!may(viewer, 'deliveries.send')) dispatch.customMessages.take(viewer.id);
  return enqueue(context, {
    template: templateIds.custom,
    recipients: [viewer.id],
    labels,
    data: { timestamp: `${now().toISOString().slice(0, 16)}Z` },
    createdBy: viewer.id,
  });
}
