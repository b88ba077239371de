import { unsettledSql } from '../../dispatch/sql/fragments.ts';

/** A leased delivery shows the status `leased`, which its own row does not have. */
export const statusSql = `case when held.id is null then d.status else 'leased' end`;

/** The columns of `Delivery`, of `deliveries d` joined with `held`. */
export const columns = `d.id, d.template_id, d.user_id, d.method, ${statusSql} as status,
  coalesce('leased by ' || held.leased_by, d.status_reason) as status_reason, d.attempt_count,
  d.next_retry_after, d.targets, d.created_by, d.created_at, d.updated_at`;

/** A CTE with the leased deliveries. Leases hold arrays of ids, which Prisma cannot join. */
export const heldSql = `held as materialized (
  select distinct on (leased.id) leased.id, leased_by from delivery_leases cross join unnest(delivery_ids) as leased (id)
)`;

export const joinHeld = `left join held on held.id = d.id and d.status in ${unsettledSql}`;
