import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { storePreferences } from './store-preferences.ts';

/** The SQL statements of preferences, as methods of Prisma's model. */
export const preferenceMethods = defineMethods('preferences', {
  preference: {
    store: method(storePreferences),
  },
});

export type PreferenceMethods = MethodsOf<typeof preferenceMethods>;
