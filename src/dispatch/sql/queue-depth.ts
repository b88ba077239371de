import { statement } from '../../database/statement.ts';
import { unsettledSql } from './fragments.ts';

export interface QueueDepth {
  readonly method: string;
  readonly status: string;
  readonly depth: number;
  readonly oldest_seconds: number;
}

/**
 * Depth of the queue by method and status, and the leased deliveries. Leases hold arrays of ids, which Prisma cannot
 * join.
 */
export const queueDepth = statement<QueueDepth>()({
  name: 'delivery_queue',
  text: `
      select method, status, count(*) as depth,
             greatest(extract(epoch from now() - min(due_at)), 0)::float8 as oldest_seconds
      from queued_deliveries
      group by method, status
      union all
      select lease.method, 'leased', count(*), 0
      from delivery_leases as lease
      cross join unnest(delivery_ids) as leased (id)
      cross join lateral (select from deliveries where id = leased.id and status in ${unsettledSql} limit 1) as delivery
      group by lease.method`,
  values: () => [],
});
