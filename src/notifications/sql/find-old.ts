import { statement } from '../../database/statement.ts';
import type { NotificationId } from '../model.ts';
import { isOldSql } from './is-old.ts';

/** A notification that may be purged, and its position in the order of the purge. */
export interface OldNotification {
  readonly id: NotificationId;
  /** As PostgreSQL prints it. */
  readonly timestamp: string;
}

/**
 * The oldest notifications beyond the retention, after this position; null: from the beginning. Rows that are kept stay
 * at the beginning of the index, so a purge continues behind them.
 */
export const findOld = statement<OldNotification>()({
  name: 'find_old_notifications',
  isPlannedEachTime: true,
  text: `
    select id, timestamp from notifications n
    where ${isOldSql('$1')}
      and ($2::timestamptz is null or (timestamp >= $2::timestamptz and (timestamp, id) > ($2::timestamptz, $3::bigint)))
    order by timestamp, id
    limit $4::bigint`,
  values: (retentionDays: number, after: OldNotification | undefined, limit: number) => [
    retentionDays,
    after?.timestamp ?? null,
    after?.id ?? null,
    limit,
  ],
});
