import { isAdmin } from '../auth/viewer.ts';
import { failedValidation, forbiddenCollection } from '../errors.ts';
import { templateIds } from '../templates/model.ts';
import { isStorable } from '../values.ts';
import { deliveriesCollection, type EnqueueContext, type Enqueued, enqueue } from './enqueue.ts';

/** Most bytes (UTF-8) of what people send to themselves. */
export const customLimits = { title: 120, message: 2000 } as const;

/**
 * Sends the viewer a message that shows that messages arrive; every call sends another.
 * @throws ServiceError FORBIDDEN unless the viewer is an admin; FAILED_VALIDATION of `template`, type `disabled`, when
 * the viewer disabled it.
 */
export async function sendTestNotification(context: EnqueueContext): Promise<Enqueued> {
  const { viewer, now } = context;
  if (viewer.kind === 'anonymous' || !isAdmin(viewer)) throw forbiddenCollection(deliveriesCollection, 'create');
  return enqueue(context, {
    template: templateIds.troubleshooting,
    recipients: [viewer.id],
    // What differs is no duplicate.
    data: { timestamp: now().toISOString() },
    createdBy: 'send-test-notification',
  });
}

/**
 * Sends the viewer a message in their own words; the same words once a minute, and of a member 30 messages a minute.
 * @throws ServiceError FORBIDDEN for the anonymous; FAILED_VALIDATION of `title` or `message` that is blank (type
 * `required`) or longer than `customLimits` (type `length`), with a sentence as `reason`; of `template` (type
 * `disabled`) when the viewer disabled such messages; RECORD_NOT_UNIQUE for the same words in the same minute;
 * REQUESTS_EXCEEDED for more than a member may send.
 */
export async function sendCustomNotification(
  context: EnqueueContext,
  { title, message }: { readonly title: unknown; readonly message: unknown },
): Promise<Enqueued> {
  const { viewer, now, outbox } = context;
  if (viewer.kind === 'anonymous') throw forbiddenCollection(deliveriesCollection, 'create');
  const labels = { custom_title: words('title', title), custom_message: words('message', message) };
  if (!isAdmin(viewer)) outbox.customMessages.take(viewer.id);
  return enqueue(context, {
    template: templateIds.custom,
    recipients: [viewer.id],
    labels,
    data: { timestamp: `${now().toISOString().slice(0, 16)}Z` },
    createdBy: viewer.id,
  });
}

function words(field: keyof typeof customLimits, value: unknown): string {
  const limit = customLimits[field];
  const fault = (type: string, reason: string) => failedValidation(field, type, reason, { reason });
  if (typeof value !== 'string' || value.trim() === '') throw fault('required', `${field} must not be blank`);
  if (!isStorable(value)) throw fault('string', `${field} holds characters that no text can hold`);
  if (Buffer.byteLength(value) > limit) throw fault('length', `${field} must be at most ${limit} bytes long`);
  return value;
}
