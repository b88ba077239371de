import { statement } from '../../database/statement.ts';

/** A choice to store. Null: not limited to one. */
export interface ChoiceToSave {
  readonly category: string | null;
  readonly template: string | null;
  readonly channel: string | null;
  readonly choice: 'on' | 'off' | 'inherit';
}

const isPreferenceSql = 'template is not null and channel is null';

/**
 * Stores choices of a user, all or none, and removes those to inherit. Prisma has no bulk upsert, and does not know
 * indexes in which nulls are equal. A choice for a whole template is a row of `preferences`; so the two can only differ
 * within this statement. Rows are written in one order, so that concurrent writes for one user do not deadlock.
 */
export const saveChoices = statement<object>()({
  name: 'save_choices',
  text: `
    with given as materialized (
      select * from jsonb_to_recordset($2::jsonb)
        as given (category text, template uuid, channel text, choice text)
    ),
    no_preferences as (
      delete from preferences using given
      where user_id = $1::uuid and template_id = template and channel is null and choice = 'inherit'
    ),
    no_choices as (
      delete from choices using given
      where user_id = $1::uuid and choice = 'inherit' and category_key is not distinct from category
        and template_id is not distinct from template and choices.channel is not distinct from given.channel
    ),
    new_preferences as (
      insert into preferences (user_id, template_id, disabled, created_at, updated_at)
      select $1::uuid, template, choice = 'off', $3::timestamptz, $3::timestamptz from given
      where ${isPreferenceSql} and choice <> 'inherit'
      order by template
      on conflict (user_id, template_id)
      do update set disabled = excluded.disabled, unsubscribed = false, updated_at = excluded.updated_at
    )
    insert into choices (user_id, category_key, template_id, channel, is_on, updated_at)
    select $1::uuid, category, template, channel, choice = 'on', $3::timestamptz from given
    where not (${isPreferenceSql}) and choice <> 'inherit'
    order by category, template, channel
    on conflict (user_id, category_key, template_id, channel)
    do update set is_on = excluded.is_on, undo_choice = null, updated_at = excluded.updated_at`,
  values: (userId: string, choices: readonly ChoiceToSave[], now: Date) => [
    userId,
    JSON.stringify(choices),
    now.toISOString(),
  ],
});
