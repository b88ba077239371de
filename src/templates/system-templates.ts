import { isDeepStrictEqual } from 'node:util';
import { takeLock } from '../database/advisory-lock.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { ServicePrisma } from '../database/prisma.ts';
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
 * Updates the system templates to those of this version: inserts missing templates, and updates texts that differ. A
 * method that was chosen with `updateTemplateMethod` is kept. Safe to repeat and to run on several nodes concurrently.
 */
export async function seedTemplates(prisma: Pick<ServicePrisma, '$transaction'>): Promise<void> {
  await inTransaction(prisma, async (transaction) => {
    // Only one node may do this at a time, because an uncommitted row of another node could violate the unique name.
    await takeLock(transaction, lockKeys.systemTemplates);
    const stored = new Map((await transaction.template.findMany()).map((template) => [template.id, template]));
    await transaction.template.createMany({ data: wanted.filter(({ id }) => !stored.has(id)) });
    for (const { id, ...texts } of wanted) {
      const existing = stored.get(id);
      if (existing !== undefined && !isDeepStrictEqual({ ...existing, ...texts }, existing)) {
        await transaction.template.update({ where: { id }, data: texts });
      }
    }
  });
}

/** The columns of each template, without the method. */
const wanted = systemTemplates.map(({ id, name, group, title, body, actions, ...template }) => ({
  id,
  name,
  group,
  kind: template.kind ?? 'system',
  enabled_by_default: template.enabled_by_default ?? true,
  title_template: title,
  body_template: body,
  actions: actions.map(({ label, url }) => ({ label, url })),
}));
