/**
 * SQL condition: the notification `n` is beyond the retention and may be purged. Saved ones are kept, and snoozed ones
 * until they return.
 * @param days the parameter with the days of the retention
 */
export const isOldSql = (days: string) =>
  `n.timestamp < now() - ${days}::int * interval '1 day' and n.saved_at is null and n.snoozed_until is null`;
