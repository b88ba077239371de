import type { ServicePrisma } from '../database/prisma.ts';
import { invalidForeignKey, recordNotUnique } from '../errors.ts';
import { notificationsCollection } from './model.ts';

const collection = notificationsCollection.name;

/** The users that a write references: ids by field, in the order of the input. */
export interface UserReferences {
  readonly recipients: readonly string[];
  readonly senders: readonly string[];
}

/**
 * Names the missing user after a foreign key violation. Returns if all users exist now, for example because one was
 * deleted and created again; the write may then be retried.
 * @throws ServiceError INVALID_FOREIGN_KEY naming the first field and value without a user.
 */
export async function assertUsersExist(
  prisma: Pick<ServicePrisma, 'user'>,
  { recipients, senders }: UserReferences,
): Promise<void> {
  const ids = [...new Set([...recipients, ...senders])];
  const found = await prisma.user.findMany({ where: { id: { in: ids } }, select: { id: true } });
  const existing = new Set(found.map(({ id }) => id));
  const recipient = recipients.find((id) => !existing.has(id));
  if (recipient !== undefined) throw invalidForeignKey(collection, 'recipient', recipient);
  const sender = senders.find((id) => !existing.has(id));
  if (sender !== undefined) throw invalidForeignKey(collection, 'sender', sender);
}

/** @throws ServiceError RECORD_NOT_UNIQUE naming the first of these keys that is taken. */
export async function assertKeysFree(
  prisma: Pick<ServicePrisma, 'notification'>,
  ids: readonly number[],
): Promise<void> {
  const rows = await prisma.notification.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  const taken = new Set(rows.map(({ id }) => Number(id)));
  const first = ids.find((id) => taken.has(id));
  if (first !== undefined) throw recordNotUnique(collection, 'id', first);
}
