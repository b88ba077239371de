import { statement } from '../../database/statement.ts';
import type { Delivery } from '../model.ts';
import { columns, heldSql, joinHeld } from './fragments.ts';

/** Rows of the delivery log by id, in any order. Prisma cannot tell which of them are leased: see `heldSql`. */
export const findDeliveries = statement<Delivery>()({
  name: 'find_deliveries',
  isPlannedEachTime: true,
  text: `with ${heldSql} select ${columns} from deliveries d ${joinHeld} where d.id = any($1::uuid[])`,
  values: (ids: readonly string[]) => [ids],
});
