import { statement } from '../../database/statement.ts';
import type { Delivery } from '../model.ts';
import { columns, joinLeased, leasedSql } from './fragments.ts';

/** Rows of the delivery log by id, in any order. Prisma cannot determine which of them are leased; see `leasedSql`. */
export const findDeliveries = statement<Delivery>()({
  name: 'find_deliveries',
  isPlannedEachTime: true,
  text: `with ${leasedSql} select ${columns} from deliveries d ${joinLeased} where d.id = any($1::uuid[])`,
  values: (ids: readonly string[]) => [ids],
});
