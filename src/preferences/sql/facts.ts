/**
 * SQL for what `decide` needs to know of the users who chose anything for these templates, have quiet hours or are
 * suspended: an object by user id, null if there are none.
 * @param users SQL for an array of user ids
 * @param templates SQL for an array of template ids
 * @param hasColumns whether the caller reads the rows of the users anyway, so that suspended users are not looked up
 */
export const factsSql = (users: string, templates: string, hasColumns = false) => `(
  select jsonb_object_agg(user_id, facts) from (
    select user_id, jsonb_object_agg(name, value) as facts from (
      select user_id, 'templates' as name, jsonb_object_agg(
               template_id, case when not disabled then 'on' when unsubscribed then 'unsubscribed' else 'off' end
             ) as value
      from preferences where user_id = any (${users}) and template_id = any (${templates}) group by user_id
      union all
      select user_id, 'choices', jsonb_agg(jsonb_build_object(
               'category', category_key, 'template', template_id, 'channel', channel, 'is_on', is_on,
               'unsubscribed', undo_choice is not null
             ))
      from choices where user_id = any (${users}) group by user_id
      union all
      select quiet_hours.user_id, 'quiet', jsonb_build_object(
               'windows', windows, 'breakthrough', breakthrough, 'timezone', timezone
             )
      from quiet_hours join users on users.id = quiet_hours.user_id where quiet_hours.user_id = any (${users})
      ${hasColumns ? '' : `union all select id, 'suspended', 'true' from users where id = any (${users}) and status = 'suspended'`}
    ) as parts group by user_id
  ) as people
)`;

/** SQL for the facts of a template as JSON. @param template an alias of `templates` */
export const templateFactsSql = (template: string) => `jsonb_build_object(
  'id', ${template}.id, 'enabled_by_default', ${template}.enabled_by_default,
  'category', (
    select jsonb_build_object(
      'key', key, 'required_channels', to_jsonb(required_channels), 'default_channels', to_jsonb(default_channels)
    ) from categories where key = ${template}.category_key
  )
)`;
