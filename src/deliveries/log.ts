import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import { type DeliveryFilter, filterValues, uuidOf } from '../dispatch/delivery-filter.ts';
import { deliveriesCollection } from '../dispatch/input.ts';
import { forbiddenCollection, invalidQuery } from '../errors.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import type { Delivery } from './model.ts';
import type { DeliveryLogMethods } from './sql/methods.ts';

interface LogContext extends Pick<Context, 'viewer'> {
  readonly prisma: Pick<DeliveryLogMethods, 'delivery'>;
}

const pageSize = 100;
const maxPageSize = 1000;

/**
 * Returns a page of the delivery log, newest first.
 * @param page `after` is the id of the last delivery of the previous page
 * @throws ServiceError FORBIDDEN unless the viewer may read deliveries; FAILED_VALIDATION for a malformed id, or a user
 * who is unknown or named ambiguously; INVALID_QUERY for a limit out of bounds.
 */
export async function listDeliveries(
  { prisma, viewer }: LogContext & { readonly prisma: UserKeyMethods },
  filter: DeliveryFilter,
  page: { readonly limit?: number | null | undefined; readonly after?: string | null | undefined },
): Promise<Delivery[]> {
  assertMayRead(viewer);
  const limit = page.limit ?? pageSize;
  if (limit < 0 || limit > maxPageSize) throw invalidQuery(`"limit" must be between 0 and ${maxPageSize}`);
  // Ids begin with their creation time, so the next page holds the lower ids.
  const after = uuidOf('after', page.after);
  return prisma.delivery.page(await filterValues(prisma, filter), after, limit);
}

/**
 * The deliveries with these ids, in any order; used for deliveries that were just enqueued.
 * @throws ServiceError FORBIDDEN unless the viewer may read deliveries.
 */
export async function deliveriesById({ prisma, viewer }: LogContext, ids: readonly string[]): Promise<Delivery[]> {
  assertMayRead(viewer);
  return ids.length === 0 ? [] : prisma.delivery.byId(ids);
}

/**
 * The deliveries that created these notifications, and the e-mails sent because of them, by the id of the notification.
 * @throws ServiceError FORBIDDEN unless the viewer may read deliveries.
 */
export async function deliveriesOf(
  { prisma, viewer }: LogContext,
  notifications: readonly { readonly id: number; readonly uuid: string }[],
): Promise<ReadonlyMap<number, readonly Delivery[]>> {
  assertMayRead(viewer);
  const rows = await prisma.delivery.ofNotifications(notifications);
  const byNotification = new Map<number, Delivery[]>();
  for (const { notification, ...delivery } of rows) {
    const deliveries = byNotification.get(notification);
    if (deliveries) deliveries.push(delivery);
    else byNotification.set(notification, [delivery]);
  }
  return byNotification;
}

function assertMayRead(viewer: Context['viewer']): void {
  if (!may(viewer, 'deliveries.read')) throw forbiddenCollection(deliveriesCollection, 'read');
}
