import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { readFacts } from './read-facts.ts';
import { saveChoices } from './save-choices.ts';
import { storePreferences } from './store-preferences.ts';
import { unsubscribeCell } from './unsubscribe-cell.ts';

/** The SQL statements of preferences, as methods of Prisma's model. */
export const preferenceMethods = defineMethods('preferences', {
  preference: {
    store: method(storePreferences),
    readFacts: method(readFacts),
    saveChoices: method(saveChoices),
    unsubscribeCell: method(unsubscribeCell),
  },
});

export type PreferenceMethods = MethodsOf<typeof preferenceMethods>;
