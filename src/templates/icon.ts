import { systemTemplates } from './system-templates.ts';

/** Icons for notifications without one of their own; clients know these names. */
const fallbackOfGroup: Readonly<Record<string, string>> = {
  'Workspace Events': 'DEFAULT_ICON_WORKSPACE',
  'User Events': 'DEFAULT_ICON_ACCOUNT',
  'Template Events': 'DEFAULT_ICON_TEMPLATE',
};
const otherFallback = 'DEFAULT_ICON_OTHER';

/** Template events about prebuilt workspaces; they have no group icon. */
const ungrouped: ReadonlySet<string> = new Set([
  '414d9331-c1fc-4761-b40c-d1f4702279eb',
  '89d9745a-816e-4695-a17f-3d0a229e2b8d',
]);

const fallbacks: ReadonlyMap<string, string> = new Map(
  systemTemplates
    .filter(({ id }) => !ungrouped.has(id))
    .map(({ id, group }) => [id, fallbackOfGroup[group ?? ''] ?? otherFallback]),
);

/** The icon to show: the notification's own, else that of its template; never empty. */
export function iconOf({ icon, template_id }: { readonly icon: string; readonly template_id: string | null }): string {
  return icon || fallbacks.get(template_id ?? '') || otherFallback;
}
