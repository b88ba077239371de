import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from './service.ts';

/** A delivery as the service shows it. */
export interface Delivery {
  readonly id: string;
  readonly user_id: string;
  readonly method: string;
  readonly status: string;
  readonly status_reason: string | null;
}

const final: ReadonlySet<string> = new Set(['sent', 'permanent_failure', 'inhibited']);
/** Milliseconds between requests: short at first, because most deliveries are sent at once. */
const pauseMs = { first: 100, most: 2_000 };
const pageSize = 1000;

/**
 * Waits until each delivery has its final status, or the time is up. Returns their last known states, in the given
 * order.
 * @param leftMs returns the milliseconds that are left
 */
export async function awaitOutcomes(
  service: Service,
  deliveries: readonly Delivery[],
  leftMs: () => number,
): Promise<readonly Delivery[]> {
  const seen = new Map(deliveries.map((delivery) => [delivery.id, delivery]));
  for (let pause = pauseMs.first; ; pause = Math.min(2 * pause, pauseMs.most)) {
    const open = [...seen.values()].filter(({ status }) => !final.has(status)).map(({ id }) => id);
    if (open.length === 0 || leftMs() <= 0) return deliveries.map((delivery) => seen.get(delivery.id) ?? delivery);
    await delay(Math.max(0, Math.min(pause, leftMs())));
    for (const delivery of await read(service, new Set(open))) seen.set(delivery.id, delivery);
  }
}

/** Reads pages of the log, newest first, until all are found: ids begin with the time of creation. */
async function read(service: Service, ids: ReadonlySet<string>): Promise<Delivery[]> {
  const oldest = [...ids].sort()[0] ?? '';
  const found: Delivery[] = [];
  for (let after: string | undefined; ; ) {
    const { notification_deliveries: page } = await service.request<{ notification_deliveries: Delivery[] }>(
      `query ($limit: Int, $after: String) {
        notification_deliveries(limit: $limit, after: $after) { id user_id method status status_reason } }`,
      { limit: Math.min(pageSize, Math.max(100, 2 * ids.size)), after },
    );
    found.push(...page.filter(({ id }) => ids.has(id)));
    after = page.at(-1)?.id;
    if (found.length === ids.size || after === undefined || after < oldest) return found;
  }
}
