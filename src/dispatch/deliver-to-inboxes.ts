import { type NewVersion, rangesOfNew, type VersionRange } from '../notifications/ranges.ts';
import type { DeliveredRow, InboxDeliveries } from './sql/insert-delivered.ts';
import type { DispatchMethods } from './sql/methods.ts';

/** The result of `deliverToInboxes`. */
export interface DeliveredToInboxes {
  /** Ids of the deliveries that became notifications. */
  readonly stored: ReadonlySet<string>;
  readonly ranges: readonly VersionRange[];
  /** Ids of the deliveries that were skipped because their inbox is locked. */
  readonly locked: ReadonlySet<string>;
}

/**
 * Creates notifications from leased deliveries and marks the deliveries sent in the same statement, unless the lease
 * has expired. So each delivery becomes exactly one notification and is counted once. Skips deliveries whose
 * notification exists already. Waits for the lock of an inbox for a fraction of a second at most; with `skipLocked`,
 * skips deliveries to locked inboxes.
 * @throws DatabaseError 55P03 when an inbox stays locked for longer
 */
export async function deliverToInboxes(
  { delivery }: Pick<DispatchMethods, 'delivery'>,
  { skipLocked, ...deliveries }: InboxDeliveries & { readonly skipLocked: boolean },
): Promise<DeliveredToInboxes> {
  const rows = await (skipLocked ? delivery.toUnlockedInboxes(deliveries) : delivery.toInboxes(deliveries));
  const stored = rows.filter((row): row is DeliveredRow & NewVersion => row.version !== null);
  return {
    stored: new Set(stored.map(({ uuid }) => uuid)),
    ranges: rangesOfNew(stored),
    locked: new Set(rows.filter(({ version }) => version === null).map(({ uuid }) => uuid)),
  };
}
