import { authMethods } from './auth/sql/methods.ts';
import type { BasePrisma, Database } from './database/database.ts';
import { extendPrisma } from './database/prisma.ts';
import { deliveryLogMethods } from './deliveries/sql/methods.ts';
import { dispatchMethods } from './dispatch/sql/methods.ts';
import { liveMethods } from './live/sql/methods.ts';
import { notificationMethods } from './notifications/sql/methods.ts';
import { preferenceMethods } from './preferences/sql/methods.ts';
import { userMethods } from './users/sql/methods.ts';

const extend = (base: BasePrisma) =>
  extendPrisma(base, [
    authMethods,
    liveMethods,
    notificationMethods,
    userMethods,
    preferenceMethods,
    dispatchMethods,
    deliveryLogMethods,
  ]);

/** The client with the methods of all folders. */
export type FullPrisma = ReturnType<typeof extend>;

const made = new WeakMap<BasePrisma, FullPrisma>();

/** The access to the database: Prisma's client with the methods of every folder's statements. One per database. */
export function servicePrisma({ base }: Database): FullPrisma {
  const prisma = made.get(base) ?? extend(base);
  made.set(base, prisma);
  return prisma;
}
