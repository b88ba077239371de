import type { ServicePrisma } from '../database/prisma.ts';
import type { NotificationMethods } from '../notifications/sql/methods.ts';
import { isOutage } from '../outage.ts';
import type { DispatchMethods } from './sql/methods.ts';

/** The part of Prisma that the dispatcher uses. */
export type DispatchPrisma = Pick<
  ServicePrisma<DispatchMethods & NotificationMethods>,
  'delivery' | 'payload' | 'deliveryLease' | 'queuedDelivery' | 'notification' | '$statements'
>;

/** Wraps the client; `onOutage` is called whenever a statement or transaction fails because of an outage. */
export function watchOutages(prisma: DispatchPrisma, onOutage: () => void): DispatchPrisma {
  const watch = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      if (isOutage(error)) onOutage();
      throw error;
    }
  };
  const watchModel = <Model extends object>(model: Model): Model =>
    new Proxy(model, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (...args: unknown[]) => watch(value.apply(target, args)) : value;
      },
    });
  return {
    delivery: watchModel(prisma.delivery),
    payload: watchModel(prisma.payload),
    deliveryLease: watchModel(prisma.deliveryLease),
    queuedDelivery: watchModel(prisma.queuedDelivery),
    notification: watchModel(prisma.notification),
    $statements: (work) => watch(prisma.$statements(work)),
  };
}
