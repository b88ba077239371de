import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { deliveriesOfNotifications } from './deliveries-of-notifications.ts';
import { findDeliveries } from './find-deliveries.ts';
import { listPage } from './list-page.ts';

/** The statements of the delivery log, as methods of Prisma's model. */
export const deliveryLogMethods = defineMethods('deliveries', {
  delivery: {
    page: method(listPage),
    byId: method(findDeliveries),
    ofNotifications: method(deliveriesOfNotifications),
  },
});

export type DeliveryLogMethods = MethodsOf<typeof deliveryLogMethods>;
