import { authMethods } from './auth/sql/methods.ts';
import type { BasePrisma, Database } from './database/database.ts';
import { extendPrisma } from './database/prisma.ts';
import { deliveryLogMethods } from './deliveries/sql/methods.ts';
import { dispatchMethods } from './dispatch/sql/methods.ts';
import { idempotencyMethods } from './idempotency/sql/methods.ts';
import { liveMethods } from './live/sql/methods.ts';
import { notificationMethods } from './notifications/sql/methods.ts';
import { preferenceMethods } from './preferences/sql/methods.ts';
import { userDataMethods } from './user-data/sql/methods.ts';
import { userKeyMethods } from './user-keys/sql/methods.ts';
import { userMethods } from './users/sql/methods.ts';

const extend = (base: BasePrisma) =>
  extendPrisma(base, [
    authMethods,
    idempotencyMethods,
    liveMethods,
    userKeyMethods,
    notificationMethods,
    userMethods,
    userDataMethods,
    preferenceMethods,
    dispatchMethods,
    deliveryLogMethods,
  ]);

/** The client with the methods of all folders. */
export type FullPrisma = ReturnType<typeof extend>;

const clients = new WeakMap<BasePrisma, FullPrisma>();

/** Returns Prisma's client, extended with the statements of every `sql/` folder. There is one client per database. */
export function servicePrisma({ base }: Database): FullPrisma {
  const prisma = clients.get(base) ?? extend(base);
  clients.set(base, prisma);
  return prisma;
}
