import { setTimeout as delay } from 'node:timers/promises';
import { lowestId } from './payload.ts';
import type { DispatchMethods } from './sql/methods.ts';

const batchSize = 5000;
const pauseMs = 20;

/**
 * Sets the status `inhibited` for deliveries that have been in the queue for longer than `ttlMs`, not counting pauses.
 * Does nothing while the notifier is paused. Deliveries that are leased meanwhile are inhibited by the node that leased
 * them.
 * @param onExpired called with the number of expired deliveries of a method
 */
export async function expireDeliveries(
  { queuedDelivery }: Pick<DispatchMethods, 'queuedDelivery'>,
  ttlMs: number,
  { onExpired, signal }: { readonly onExpired: (method: string, count: number) => void; readonly signal: AbortSignal },
): Promise<void> {
  for (let after = lowestId; ; ) {
    const [expired] = await queuedDelivery.expire(ttlMs, after, batchSize);
    for (const [method, count] of Object.entries(expired?.by_method ?? {})) onExpired(method, count);
    const last = expired?.last ?? null;
    if (last === null) return;
    after = last;
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
  }
}
