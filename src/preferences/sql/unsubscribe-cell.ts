import { statement } from '../../database/statement.ts';

/**
 * Switches the e-mails of a template off for a user, and keeps what undoing this restores. A choice that is off already
 * stays as it is, so that the link may only undo what it did itself. Prisma's upsert has no condition.
 */
export const unsubscribeCell = statement<object>()({
  name: 'unsubscribe_cell',
  text: `
    insert into choices (user_id, template_id, channel, is_on, undo_choice, updated_at)
    values ($1::uuid, $2::uuid, 'smtp', false, 'inherit', $3::timestamptz)
    on conflict (user_id, category_key, template_id, channel)
    do update set is_on = false, undo_choice = 'on', updated_at = excluded.updated_at where choices.is_on`,
  values: (userId: string, templateId: string, now: Date) => [userId, templateId, now.toISOString()],
});
