import { NIL } from 'uuid';
import type { ServicePrisma } from '../database/prisma.ts';
import type { NotificationMethods } from './sql/methods.ts';

const inboxesAtOnce = 5_000;
/** The maximum size of an inbox to recount: larger than any inbox, so none is skipped. */
const anySize = 2 ** 31 - 1;

/** Recounts every inbox. Returns the number of inboxes, and the sum of the differences from their stored counters. */
export async function checkDrift(
  prisma: ServicePrisma<NotificationMethods>,
): Promise<{ readonly inboxes: number; readonly drift: number }> {
  let [inboxes, drift] = [0, 0];
  for (let after: string | null = NIL; after !== null; ) {
    const [sample] = await prisma.inbox.sampleDrift(after, inboxesAtOnce, anySize);
    inboxes += sample?.sampled ?? 0;
    drift += sample?.drift ?? 0;
    after = sample?.last ?? null;
  }
  return { inboxes, drift };
}
