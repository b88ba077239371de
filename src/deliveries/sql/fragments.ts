import { unsettledSql } from '../../dispatch/sql/fragments.ts';

/** A leased delivery shows the status `leased`, which its own row does not have. */
export const statusSql = `case when leased.id is null then d.status else 'leased' end`;

/** The columns of `Delivery`, read from `deliveries d` joined with `leased`. */
export const columns = `d.id, d.template_id, d.user_id, d.method, ${statusSql} as status,
  coalesce('leased by ' || leased.leased_by, d.status_reason) as status_reason, d.attempt_count,
  d.next_retry_after, d.targets, d.created_by, d.created_at, d.updated_at, d.rule`;

/** A CTE with the leased deliveries. Leases hold arrays of ids, which Prisma cannot join. */
export const leasedSql = `leased as materialized (
  select distinct on (item.id) item.id, leased_by from delivery_leases cross join unnest(delivery_ids) as item (id)
)`;

export const joinLeased = `left join leased on leased.id = d.id and d.status in ${unsettledSql}`;
