import { statement } from '../../database/statement.ts';

/**
 * Deletes deliveries to a user, at most `limit`, and the shared payloads that no other delivery references. A payload
 * is stored together with its deliveries, whose ids begin with the same time; it never gets further ones.
 */
export const eraseDeliveries = statement<{ readonly count: number }>()({
  name: 'erase_deliveries',
  isPlannedEachTime: true,
  text: `
  with first as materialized (
    select id from deliveries where user_id = $1::uuid limit $2::bigint
  ),
  old as materialized (
    select id, payload_id from deliveries where id = any (array(select id from first)) order by id for update
  ),
  orphaned as (
    delete from payloads
    where id = any (array(select distinct payload_id from old where payload_id is not null))
      and not exists (
        select from deliveries as other
        where other.payload_id = payloads.id
          and other.id between (left(payloads.id::text, 13) || '-0000-0000-000000000000')::uuid
                           and (left(payloads.id::text, 13) || '-ffff-ffff-ffffffffffff')::uuid
          and not exists (select from old where old.id = other.id)
      )
  ),
  deleted as (
    delete from deliveries where id = any (array(select id from old)) returning 1
  )
  select count(*)::int as count from deleted`,
  values: (userId: string, limit: number) => [userId, limit],
});
