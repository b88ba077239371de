import { statement } from '../../database/statement.ts';

/**
 * Resets the counts of lost leases of these deliveries, both in the queue and in leases. One statement, so that one
 * snapshot contains each delivery in one of the two.
 */
export const resetLostLeases = statement<object>()({
  name: 'reset_lost_leases',
  text: `
  with queued as (
    update queued_deliveries set lost_leases = 0 where delivery_id = any ($1::uuid[]) and lost_leases > 0
  )
  update delivery_leases set lost_leases = lost_leases - $1::text[] where lost_leases ?| $1::text[]`,
  values: (ids: readonly string[]) => [ids],
});
