import { statement } from '../../../database/statement.ts';

/** Removes at most `limit` copied texts, lowest ids first; Prisma's `deleteMany` cannot do that. */
export const removeTexts = statement<{ readonly count: number }>()({
  name: 'remove_texts',
  text: `
    with removed as (
      delete from notification_texts
      where id = any (array(select id from notification_texts order by id limit $1::bigint)) returning 1
    ) select count(*) as count from removed`,
  values: (limit: number) => [limit],
});
