import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { isPartOfUnit } from '../database/unit-of-work.ts';
import { forbidden } from '../errors.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { subjectOf } from './access.ts';
import { beginErasure } from './begin-erasure.ts';
import { eraseBatches } from './erase-batches.ts';
import type { EraseContext } from './erase-context.ts';

/** The state of an erasure. */
export interface Erasure {
  readonly id: string;
  /** False: who the user was is erased; the rest is being erased in the background. */
  readonly completed: boolean;
}

/** Milliseconds for which a request erases; after that, the rest is erased in the background. */
const answerMs = 10_000;

/**
 * Erases everything of a user (`me`, or any key). Notifications that the user sent stay in other inboxes, without a
 * sender. Who the user was is erased at once; a big inbox continues in the background, also after a restart. May be
 * repeated.
 * @throws ServiceError FORBIDDEN if the viewer may not erase that user, there is no such user, or it is the last active
 * admin.
 */
export async function eraseUser(
  context: EraseContext & Pick<Context, 'viewer'> & { readonly prisma: ServicePrisma<UserKeyMethods> },
  key: string,
): Promise<Erasure> {
  const { prisma } = context;
  const { id, viewer } = await subjectOf(prisma, context.viewer, key, 'erase');
  if (!(await beginErasure(context, id, viewer))) {
    const erased = await prisma.auditEntry.findFirst({ where: { user_id: id, action: 'user_erased' } });
    if (erased === null) throw forbidden();
    return { id, completed: true };
  }
  // The batches are transactions of their own: within that of a request with an `Idempotency-Key`, they would keep the
  // locks of all of them.
  if (isPartOfUnit(prisma)) return { id, completed: false };
  const endsAt = performance.now() + answerMs;
  return { id, completed: await eraseBatches(context, id, () => performance.now() > endsAt) };
}
