import type { Database } from '../database/database.ts';
import type { SystemTemplate } from './model.ts';
import { accountTemplates } from './system/accounts.ts';
import { messageTemplates } from './system/messages.ts';
import { templateTemplates } from './system/templates.ts';
import { workspaceTemplates } from './system/workspaces.ts';

/** All templates that a deployment starts with. */
export const systemTemplates: readonly SystemTemplate[] = [
  ...accountTemplates,
  ...messageTemplates,
  ...templateTemplates,
  ...workspaceTemplates,
];

/**
 * Advisory lock for seeding: `on conflict (id)` waits for concurrent rows with the same id, but an uncommitted row of
 * another node could still violate the unique name.
 */
const seedLockKey = 7_461_004;

/**
 * Updates the system templates to this version in one statement: inserts missing ones and changes texts that differ.
 * The method chosen by an admin is kept. Safe to repeat and to run on several nodes concurrently.
 */
export async function seedTemplates(db: Database): Promise<void> {
  const rows = systemTemplates.map(({ kind = 'system', enabledByDefault = true, ...template }) => ({
    ...template,
    kind,
    enabled_by_default: enabledByDefault,
  }));
  // Sorting reads all rows before the first write, so the lock is held by then.
  await db.query({
    text: `with alone as materialized (select pg_advisory_xact_lock($2))
           insert into templates (id, name, "group", kind, enabled_by_default, title_template, body_template, actions)
           select id, name, "group", kind, enabled_by_default, title, body, actions
           from alone, jsonb_to_recordset($1::jsonb) as given (
             id uuid, name text, "group" text, kind text, enabled_by_default boolean, title text, body text,
             actions jsonb
           )
           order by id
           on conflict (id) do update set
             name = excluded.name,
             "group" = excluded."group",
             kind = excluded.kind,
             enabled_by_default = excluded.enabled_by_default,
             title_template = excluded.title_template,
             body_template = excluded.body_template,
             actions = excluded.actions
           where (templates.name, templates."group", templates.kind, templates.enabled_by_default,
                  templates.title_template, templates.body_template, templates.actions)
             is distinct from
                 (excluded.name, excluded."group", excluded.kind, excluded.enabled_by_default,
                  excluded.title_template, excluded.body_template, excluded.actions)`,
    values: [JSON.stringify(rows), seedLockKey],
  });
}
