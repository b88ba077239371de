import type { Database } from './database/database.ts';
import { extendPrisma } from './database/prisma.ts';
import { notificationMethods } from './notifications/sql/methods.ts';
import { userMethods } from './users/sql/methods.ts';

/** The one door to the database: Prisma's client with the methods of every folder's statements. Made once per database. */
export const servicePrisma = ({ base }: Database) => extendPrisma(base, [notificationMethods, userMethods]);

/** The client as whoever may use all of it has it. */
export type FullPrisma = ReturnType<typeof servicePrisma>;
