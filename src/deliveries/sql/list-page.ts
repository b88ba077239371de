import { statement } from '../../database/statement.ts';
import type { Delivery } from '../model.ts';
import { columns, joinLeased, leasedSql, statusSql } from './fragments.ts';

/** A page of the delivery log, newest first. Prisma cannot determine which of them are leased; see `leasedSql`. */
export const listPage = statement<Delivery>()({
  name: 'list_deliveries',
  isPlannedEachTime: true,
  text: `with ${leasedSql}
           select ${columns} from deliveries d ${joinLeased}
           where ($1::text[] is null or ${statusSql} = any($1)) and ($2::text[] is null or d.method = any($2))
             and ($3::uuid is null or d.user_id = $3) and ($4::uuid is null or d.template_id = $4)
             and ($5::uuid is null or d.id < $5)
           order by d.id desc limit $6`,
  values: (filter: readonly unknown[], after: string | null, limit: number) => [...filter, after, limit],
});
