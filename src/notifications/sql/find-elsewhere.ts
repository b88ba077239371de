import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';

/**
 * Returns a row if one of these notifications is in an inbox that is not locked. The invariant: such a row was moved
 * before the locks were acquired and must not be skipped silently.
 */
export const findElsewhere = statement<object>()({
  name: 'notifications_elsewhere',
  text: 'select from notifications where id = any ($1::bigint[]) and recipient_id <> all ($2::uuid[]) limit 1',
  values: (ids: readonly NotificationId[], locked: readonly string[]) => [ids, locked],
});
