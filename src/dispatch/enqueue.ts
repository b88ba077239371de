import { isAdmin } from '../auth/viewer.ts';
import { checkBatch } from '../checks.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbiddenCollection, invalidForeignKey, recordNotUnique } from '../errors.ts';
import type { DispatchPort } from './dispatch-port.ts';
import { type Stored, storeMessages } from './enqueue-store.ts';
import { type FilledTemplate, fillTemplate } from './enqueue-template.ts';
import { type CheckedMessage, checkMessage, deliveriesCollection, type NewMessage } from './input.ts';
import type { MethodName } from './method-names.ts';

/** What enqueuing came to. */
export interface Enqueued {
  /** The ids of the deliveries that were stored, by method. */
  readonly ids: Readonly<Partial<Record<MethodName, readonly string[]>>>;
  readonly skipped: {
    /** Recipients who disabled the template, or did not enable one that is off by default. */
    readonly disabled: number;
    /** Deliveries that were enqueued on this day (UTC) before. */
    readonly duplicate: number;
  };
}

/** What enqueuing needs of a context. */
export interface EnqueueContext extends Context {
  readonly dispatch: DispatchPort;
}

/** A delivery that was not enqueued. */
export interface Skipped {
  readonly recipient: string;
  /** Null where it holds for every method. */
  readonly method: MethodName | null;
  readonly reason: string;
}

/**
 * Sends one template to many people: one delivery for each person and method is stored, all or none, and dispatched
 * after that. What was enqueued with the same content on the same day (UTC) is left out, unless it is no repeat by the
 * caller's word (`dedupe: false`).
 * @throws ServiceError FORBIDDEN unless the viewer is an admin; else as `enqueue`, but for what was enqueued before.
 */
export async function sendNotification(context: EnqueueContext, message: NewMessage): Promise<Enqueued> {
  assertMaySend(context);
  const { enqueued, checked } = await enqueueAll(context, message);
  refuseDisabled(enqueued, checked);
  return enqueued;
}

/**
 * As `sendNotification`, and says what was left out and why; whoever disabled the template is only left out.
 * @throws ServiceError as `sendNotification`, but for `disabled`.
 */
export async function sendAndTell(
  context: EnqueueContext,
  message: NewMessage,
): Promise<{ readonly enqueued: Enqueued; readonly skipped: readonly Skipped[] }> {
  assertMaySend(context);
  const { enqueued, checked, stored, template, methods } = await enqueueAll(context, message, true);
  const skip = (method: MethodName | null, reason: string) => (recipient: string) => ({ recipient, method, reason });
  const reason = template.enabled_by_default ? 'disabled by the recipient' : 'not enabled by the recipient';
  const disabled = new Set(stored.disabled);
  const unsent = methods.length > 0 ? [] : checked.recipients.filter((recipient) => !disabled.has(recipient));
  const skipped = [
    ...[...disabled].map(skip(null, reason)),
    ...(stored.duplicates ?? []).map(([recipient, method]) => skip(method, 'already sent today')(recipient)),
    ...unsent.map(skip(null, 'no method that can send it is set up')),
  ];
  return { enqueued, skipped };
}

/**
 * As `sendNotification`, for the service itself: the viewer's rights do not matter.
 * @throws ServiceError FAILED_VALIDATION of a faulty field, of `labels` that lack what the template needs, and of
 * `template` when it cannot be rendered (type `render`) or the only recipient has it disabled (type `disabled`);
 * INVALID_FOREIGN_KEY naming an unknown template or recipient; RECORD_NOT_UNIQUE when everything for the only recipient
 * was enqueued before; INVALID_PAYLOAD for more recipients than one message may have.
 */
export async function enqueue(context: EnqueueContext, message: NewMessage): Promise<Enqueued> {
  const { enqueued, checked } = await enqueueAll(context, message);
  refuseDisabled(enqueued, checked);
  const isRepeat = checked.recipients.length === 1 && isNothing(enqueued) && enqueued.skipped.duplicate > 0;
  if (isRepeat) throw recordNotUnique(deliveriesCollection, 'dedupe_hash', checked.template);
  return enqueued;
}

function assertMaySend({ viewer }: EnqueueContext): void {
  if (!isAdmin(viewer)) throw forbiddenCollection(deliveriesCollection, 'create');
}

const isNothing = ({ ids }: Enqueued) => Object.keys(ids).length === 0;

function refuseDisabled(enqueued: Enqueued, { recipients, template }: CheckedMessage): void {
  if (recipients.length !== 1 || !isNothing(enqueued) || enqueued.skipped.disabled === 0) return;
  throw failedValidation('template', 'disabled', 'the recipient has it disabled', { value: template });
}

async function enqueueAll(context: EnqueueContext, message: NewMessage, isTold = false) {
  const { db, viewer, now, limits, dispatch } = context;
  checkBatch(message.recipients.length, limits.recipientsMax, 'recipients', 'message');
  const checked = checkMessage(message);
  const filled = await fillTemplate(db, checked, dispatch);
  const createdBy = message.createdBy ?? (viewer.kind === 'user' ? viewer.id : 'anonymous');
  const stored = await storeMessages(db, checked, filled, { createdBy, now: now(), isTold });
  const enqueued = resultOf(stored, checked, filled);
  if (!isNothing(enqueued)) dispatch.wake();
  return { enqueued, checked, stored, ...filled };
}

function resultOf(stored: Stored, { recipients }: CheckedMessage, { methods }: FilledTemplate): Enqueued {
  if (stored.unknown !== null) throw invalidForeignKey(deliveriesCollection, 'recipients', stored.unknown);
  const disabled = recipients.length - stored.enabled;
  const duplicate = stored.enabled * methods.length - stored.inserted;
  const ids = Object.entries(stored.ids ?? {}).map(([method, joined]) => [method, joined.split(',')] as const);
  return { ids: Object.fromEntries(ids), skipped: { disabled, duplicate } };
}
