import { may } from '../auth/rights.ts';
import { checkBatch } from '../checks.ts';
import type { Context } from '../context.ts';
import type { PrismaTransaction, ServicePrisma } from '../database/prisma.ts';
import { failedValidation, forbiddenCollection, invalidForeignKey, recordNotUnique } from '../errors.ts';
import { ambiguousIn } from '../user-keys/find-users.ts';
import { unknownUserIn } from '../user-keys/input.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { withUserIds } from '../user-keys/with-user-ids.ts';
import type { UserMethods } from '../users/sql/methods.ts';
import { prepareUpsert, retryUpsert, type UserEntry, writeUpsert } from '../users/upsert.ts';
import { leftOutOf } from './decide-message.ts';
import type { DispatchPort } from './dispatch-port.ts';
import { storeMessages } from './enqueue-store.ts';
import { fillTemplate } from './enqueue-template.ts';
import { type CheckedMessage, checkMessage, deliveriesCollection, type NewMessage } from './input.ts';
import type { MethodName } from './method-names.ts';
import { withTemplate } from './own-text.ts';
import { type Skipped, skippedOf } from './skipped.ts';
import type { Stored } from './sql/enqueue-deliveries.ts';
import type { DispatchMethods } from './sql/methods.ts';

/** The result of enqueuing. */
export interface Enqueued {
  /** Ids of the stored deliveries, by method. */
  readonly ids: Readonly<Partial<Record<MethodName, readonly string[]>>>;
  readonly skipped: {
    /** Number of recipients for whom their choices, or the defaults, left out every method. */
    readonly disabled: number;
    /** Number of deliveries that were already enqueued on this day (UTC). */
    readonly duplicate: number;
  };
}

/** The context that enqueuing needs. */
export interface EnqueueContext extends Context {
  readonly prisma: ServicePrisma<DispatchMethods & UserKeyMethods & UserMethods>;
  readonly dispatch: DispatchPort;
}

/**
 * Sends one template, or a text of the sender's own, to many recipients: stores one delivery for each recipient and method, all or none. The dispatcher
 * sends them afterwards. Deliveries with the same content that were already enqueued on the same day (UTC) are skipped,
 * unless `dedupe` is false.
 * @throws ServiceError FORBIDDEN unless the viewer may send to others; otherwise the errors of `enqueue`, except
 * RECORD_NOT_UNIQUE
 */
export async function sendNotification(context: EnqueueContext, message: NewMessage): Promise<Enqueued> {
  assertMaySend(context);
  const { enqueued, checked } = await enqueueAll(context, message);
  refuseDisabled(enqueued, checked);
  return enqueued;
}

/**
 * Like `sendNotification`, but also returns the skipped deliveries with reasons. A recipient who has disabled the
 * template is skipped, even if there is no other recipient.
 * @throws ServiceError like `sendNotification`, except for the error of type `disabled`
 */
export async function sendAndListSkipped(
  context: EnqueueContext,
  message: NewMessage,
): Promise<{ readonly enqueued: Enqueued; readonly skipped: readonly Skipped[] }> {
  assertMaySend(context);
  const { enqueued, checked, stored, decisions, leftOut } = await enqueueAll(context, message, true);
  const unsent = decisions.usual.length > 0 ? [] : checked.recipients;
  return { enqueued, skipped: skippedOf(leftOut, stored.duplicates ?? [], unsent) };
}

/**
 * Like `sendNotification`, but for the service itself: does not check the viewer's rights.
 * @throws ServiceError FAILED_VALIDATION of an invalid field, as `withTemplate`, of `labels` if required ones are missing, and of
 * `template` if it cannot be rendered (type `render`) or the only recipient has disabled it (type `disabled`);
 * INVALID_FOREIGN_KEY naming an unknown template or recipient; RECORD_NOT_UNIQUE if all deliveries to the only
 * recipient are duplicates; INVALID_PAYLOAD for more recipients than one message may have
 */
export async function enqueue(context: EnqueueContext, message: NewMessage): Promise<Enqueued> {
  const { enqueued, checked } = await enqueueAll(context, message);
  refuseDisabled(enqueued, checked);
  const isDuplicate = checked.recipients.length === 1 && isEmpty(enqueued) && enqueued.skipped.duplicate > 0;
  if (isDuplicate) throw recordNotUnique(deliveriesCollection, 'dedupe_hash', checked.template);
  return enqueued;
}

function assertMaySend({ viewer }: EnqueueContext): void {
  if (!may(viewer, 'deliveries.send')) throw forbiddenCollection(deliveriesCollection, 'create');
}

const isEmpty = ({ ids }: Enqueued) => Object.keys(ids).length === 0;

function refuseDisabled(enqueued: Enqueued, { recipients, template }: CheckedMessage): void {
  if (recipients.length !== 1 || !isEmpty(enqueued) || enqueued.skipped.disabled === 0) return;
  throw failedValidation('template', 'disabled', 'the recipient has disabled it', { value: template });
}

const recipientsField = 'recipients';

async function enqueueAll(context: EnqueueContext, message: NewMessage, listSkipped = false) {
  const { prisma, limits, dispatch } = context;
  const { users = [], createdBy } = message;
  checkBatch(message.recipients.length + users.length, limits.recipientsMax, 'recipients', 'message');
  const checked = checkMessage(withTemplate(message));
  const options = { createdBy, listSkipped };
  const result =
    users.length === 0
      ? await enqueueByUserKeys(prisma, context, checked, options)
      : await enqueueWithUsers(context, { checked, users }, options);
  if (!isEmpty(result.enqueued)) dispatch.wake();
  return result;
}

interface EnqueueOptions {
  readonly createdBy: string | undefined;
  readonly listSkipped: boolean;
  /** Whether this runs in a transaction of the caller, which a failed statement would end. */
  readonly isInTransaction?: boolean;
}

/** Creates or updates users, and enqueues for them and for the other recipients, in one transaction. */
async function enqueueWithUsers(
  context: EnqueueContext,
  { checked, users }: { readonly checked: CheckedMessage; readonly users: readonly UserEntry[] },
  options: EnqueueOptions,
) {
  const prepared = prepareUpsert(context, users, false);
  const { result, afterCommit } = await retryUpsert(() =>
    context.prisma.$transaction(async (transaction) => {
      const written = await writeUpsert(transaction, context, prepared);
      const ids = written.results.flatMap((one) => (one.status === 'refused' ? [] : one.id));
      const message = { ...checked, recipients: [...checked.recipients, ...ids] };
      const inTransaction = { ...options, isInTransaction: true };
      return {
        result: await enqueueByUserKeys(transaction, context, message, inTransaction),
        afterCommit: written.afterCommit,
      };
    }),
  );
  afterCommit();
  return result;
}

type EnqueuePrisma = PrismaTransaction<DispatchMethods & UserKeyMethods>;

/** Enqueues for recipients that are given as any keys of users. */
function enqueueByUserKeys(
  prisma: EnqueuePrisma,
  context: EnqueueContext,
  checked: CheckedMessage,
  options: EnqueueOptions,
) {
  const faults = {
    ambiguous: ambiguousIn(recipientsField),
    unknown: (key: string) => unknownUserIn(recipientsField, key),
  };
  return withUserIds(prisma, checked.recipients, faults, (idOf) => {
    const recipients = [...new Set(checked.recipients.map(idOf))].sort();
    return enqueueChecked(prisma, context, { ...checked, recipients }, options);
  });
}

async function enqueueChecked(
  prisma: EnqueuePrisma,
  { viewer, now, dispatch, span }: EnqueueContext,
  checked: CheckedMessage,
  { createdBy, listSkipped, isInTransaction = false }: EnqueueOptions,
) {
  const at = now();
  const filled = await fillTemplate(prisma, checked, dispatch, at);
  const author = createdBy ?? (viewer.kind === 'user' ? viewer.id : 'anonymous');
  const stored = await storeMessages(prisma, checked, filled, {
    createdBy: author,
    now: at,
    listSkipped,
    traceparent: span?.traceparent ?? null,
    mayRetry: !isInTransaction,
  });
  const { deliveries: leftOut, nobody } = leftOutOf(filled.decisions, checked.recipients);
  return { enqueued: resultOf(stored, nobody), checked, stored, leftOut, ...filled };
}

function resultOf(stored: Stored, disabled: number): Enqueued {
  if (stored.unknown !== null) throw invalidForeignKey(deliveriesCollection, recipientsField, stored.unknown);
  const duplicate = stored.wanted - stored.inserted;
  const ids = Object.entries(stored.ids ?? {}).map(([method, joined]) => [method, joined.split(',')] as const);
  return { ids: Object.fromEntries(ids), skipped: { disabled, duplicate } };
}
