import { statement } from '../../database/statement.ts';

/**
 * Stores a user's choices for templates in one statement, because Prisma has no bulk upsert. Rows are written in the
 * order of their template ids, so that concurrent writes for one user do not deadlock. A link that unsubscribes leaves
 * a template that is disabled already as it is, so that it may only undo what it did itself.
 */
export const storePreferences = statement<object>()({
  name: 'store_preferences',
  text: `
    insert into preferences (user_id, template_id, disabled, unsubscribed, created_at, updated_at)
    select $1::uuid, template_id, disabled, $5::boolean, $4::timestamptz, $4::timestamptz
    from unnest($2::uuid[], $3::boolean[]) as given (template_id, disabled)
    order by template_id
    on conflict (user_id, template_id)
    do update set disabled = excluded.disabled, unsubscribed = excluded.unsubscribed, updated_at = excluded.updated_at
    where not ($5::boolean and preferences.disabled)`,
  values: (userId: string, disabled: ReadonlyMap<string, boolean>, now: Date, isUnsubscribed = false) => [
    userId,
    [...disabled.keys()],
    [...disabled.values()],
    now.toISOString(),
    isUnsubscribed,
  ],
});
