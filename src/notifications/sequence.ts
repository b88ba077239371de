import type { ServicePrisma } from '../database/prisma.ts';
import type { NotificationMethods } from './sql/methods.ts';

/** Only keys below this limit move the sequence, so that it cannot run out of numbers. */
const keyLimit = 2 ** 52;
/** Maximum distance by which the sequence is advanced number by number; over longer distances it is set. */
const maxAdvance = 1000;

type SequencePrisma = Pick<ServicePrisma<NotificationMethods>, 'notification' | '$statements'>;

/**
 * Moves the sequence, so that it returns keys above the largest of `ids` that is below `keyLimit`. The lock ensures
 * that the sequence never moves backwards. If an automatic key is taken nevertheless, because other writers took
 * numbers between reading and setting the sequence, the writer calls `skipTakenKeys` and retries.
 */
export async function moveSequencePast(prisma: SequencePrisma, ids: readonly number[]): Promise<void> {
  const key = ids.reduce((largest, given) => (given < keyLimit && given > largest ? given : largest), 0);
  if (key === 0) return;
  await prisma.$statements(async ({ notification }) => {
    await notification.lockSequence();
    const [next] = await notification.nextKey();
    const missing = key - (next?.value ?? 1) + 1;
    if (missing <= 0) return;
    await (missing <= maxAdvance ? notification.advanceSequence(missing) : notification.setSequence(key));
  });
}

/** Moves the sequence past all keys below `keyLimit`, after it returned a key that is taken. */
export async function skipTakenKeys(prisma: SequencePrisma): Promise<void> {
  const { _max: largest } = await prisma.notification.aggregate({
    _max: { id: true },
    where: { id: { lt: keyLimit } },
  });
  await moveSequencePast(prisma, [Number(largest.id ?? 0)]);
}
