import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { storePreferences } from './store-preferences.ts';

/** The statement of preferences, as a method of Prisma's model. */
export const preferenceMethods = defineMethods('preferences', {
  preference: {
    store: method(storePreferences),
  },
});

export type PreferenceMethods = MethodsOf<typeof preferenceMethods>;
