import { statement } from '../../../database/statement.ts';

/** The locale of the database's character types; Prisma does not read the catalogue. */
export const readLocale = statement<{ readonly datctype: string }>()({
  name: 'read_locale',
  text: 'select datctype from pg_database where datname = current_database()',
  values: () => [],
});
