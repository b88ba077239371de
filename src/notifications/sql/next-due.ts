import { statement } from '../../database/statement.ts';

/** When the next snooze ends or the next notification expires; null if none does. Each index gives its first entry. */
export const nextDue = statement<{ readonly due: string | null }>()({
  name: 'next_due',
  text: `
    select least(
      (
        select snoozed_until from notifications
        where status = 'archived' and snoozed_until is not null order by snoozed_until limit 1
      ),
      (select expires_at from notifications where expires_at is not null order by expires_at limit 1)
    ) as due`,
  values: () => [],
});
