import { statement } from '../../database/statement.ts';
import { stampSteps, stepIds } from './fragments.ts';
import type { Touched } from './rows.ts';

/**
 * Clears these users as senders in the locked inboxes, except in their own. The invariant: each row that loses its
 * sender takes a version.
 */
export const forgetSenders = statement<Touched>()({
  name: 'forget_senders',
  isPlannedEachTime: true,
  text: `
  with steps as materialized (
    select recipient_id, id, 0 as unread, 0 as total from notifications
    where sender_id = any ($1::uuid[]) and recipient_id = any ($2::uuid[]) and recipient_id <> all ($1)
  ),
  ${stampSteps},
  changed as (
    update notifications n set sender_id = null, version = stamped.version
    from stamped where n.id = stamped.id
  )
  select recipient_id, base, version, ${stepIds} as updated from touched`,
  values: (users: readonly string[], locked: readonly string[]) => [users, locked],
});
