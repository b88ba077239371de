import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { beginSnapshot } from './begin-snapshot.ts';
import { eraseDeliveries } from './erase-deliveries.ts';
import { fetchSection } from './fetch-section.ts';
import { openSection } from './open-section.ts';
import { planWholeResults } from './plan-whole-results.ts';

/** The statements that export and erase the data of users, as methods of Prisma's models. */
export const userDataMethods = defineMethods('user_data', {
  user: {
    beginSnapshot: method(beginSnapshot),
    planWholeResults: method(planWholeResults),
    openSection,
    fetchSection,
  },
  delivery: {
    eraseOf: method(eraseDeliveries),
  },
});

export type UserDataMethods = MethodsOf<typeof userDataMethods>;
