import type { Sql } from '../../database/sql.ts';
import { type ExpiryPart, type ExpiryRequest, expiredRows, expiryValues } from './expiry-part.ts';
import { stampSteps, stepIds } from './fragments.ts';

/**
 * Archives the expired notifications of locked inboxes, also snoozed ones, and returns `Touched`. The invariant is that
 * of `changeNotifications`. `expires_at` becomes null, so that one that is returned to the inbox by hand stays there.
 */
export function archiveExpired(request: ExpiryRequest, part: ExpiryPart): Sql {
  return {
    name: `archive_expired_and_${part.name}`,
    text: `
  with ${expiredRows(`on_expiry <> 'delete'`)},
  ${stampSteps},
  changed as (
    update notifications n
    set status = 'archived', archived_at = case when n.status = 'inbox' then $2 else n.archived_at end,
        snoozed_until = null, expires_at = null, shown_version = 0,
        state_version = case when n.status = 'inbox' or n.snoozed_until is not null then stamped.version
                             else n.state_version end,
        version = stamped.version
    from stamped where n.id = stamped.id
  ),
  ${part.text}
  select recipient_id, base, version, ${stepIds} as updated from touched`,
    values: expiryValues(request),
  };
}
