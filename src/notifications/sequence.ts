import type { ServicePrisma } from '../database/prisma.ts';
import type { NotificationMethods } from './sql/methods.ts';

/** Larger keys given by callers do not move the sequence, which must not run out of numbers. */
const reach = 2 ** 52;
/** Up to this distance the sequence is walked instead of set. */
const longestWalk = 1000;

type SequencePrisma = Pick<ServicePrisma<NotificationMethods>, 'notification' | '$statements'>;

/**
 * Makes the sequence give keys above the largest of these within its reach. Under the lock the sequence never moves
 * backwards. If an automatic key is taken nevertheless, because other writers drew numbers between reading and setting,
 * the writer calls `skipTakenKeys` and retries.
 */
export async function moveSequencePast(prisma: SequencePrisma, ids: readonly number[]): Promise<void> {
  const key = ids.reduce((largest, given) => (given < reach && given > largest ? given : largest), 0);
  if (key === 0) return;
  await prisma.$statements(async ({ notification }) => {
    await notification.lockSequence();
    const [next] = await notification.nextKey();
    const missing = key - (next?.value ?? 1) + 1;
    if (missing <= 0) return;
    await (missing <= longestWalk ? notification.walkSequence(missing) : notification.setSequence(key));
  });
}

/** Moves the sequence past all keys within its reach, after it gave one that is taken. */
export async function skipTakenKeys(prisma: SequencePrisma): Promise<void> {
  const { _max: largest } = await prisma.notification.aggregate({ _max: { id: true }, where: { id: { lt: reach } } });
  await moveSequencePast(prisma, [Number(largest.id ?? 0)]);
}
