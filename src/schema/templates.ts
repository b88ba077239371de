import DataLoader from 'dataloader';
import { listTemplates, type TemplateRecord, templatesById } from '../templates/read.ts';
import { updateTemplateMethod } from '../templates/write.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { DirectusNotification } from './notifications.ts';

/** Templates that a write did not change. */
const unchanged = new WeakSet<TemplateRecord>();

export const NotificationTemplate = builder.prismaObject('Template', {
  name: 'notification_templates',
  description: 'A template of notifications. Titles and bodies are Liquid and render to Markdown.',
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    title_template: t.exposeString('title_template'),
    body_template: t.exposeString('body_template'),
    actions: t.expose('actions', { type: 'JSON', description: 'A list of `{ label, url }`, both Liquid.' }),
    group: t.exposeString('group', { nullable: true }),
    method: t.exposeString('method', {
      nullable: true,
      description: '`smtp`, `webhook` or `inbox`; null: the default method of the deployment.',
    }),
    kind: t.exposeString('kind', { description: '`system` or `custom`.' }),
    enabled_by_default: t.exposeBoolean('enabled_by_default', {
      description: 'Whether users without a preference receive its notifications.',
    }),
    changed: t.boolean({
      description: 'After a mutation: whether it changed anything.',
      resolve: (template) => !unchanged.has(template),
    }),
  }),
});

const loaders = new WeakMap<GraphQLContext, DataLoader<string, TemplateRecord | null>>();

/** Loads the templates of all notifications of one request in one query. */
function loaderOf(context: GraphQLContext): DataLoader<string, TemplateRecord | null> {
  const cached = loaders.get(context);
  if (cached) return cached;
  const loader = new DataLoader<string, TemplateRecord | null>(
    async (ids) => {
      const found = await templatesById(context, ids);
      return ids.map((id) => found.get(id) ?? null);
    },
    { cache: false },
  );
  loaders.set(context, loader);
  return loader;
}

/** The template with this id; null if there is none. */
export async function loadTemplate(context: GraphQLContext, id: string): Promise<TemplateRecord | null> {
  return loaderOf(context).load(id);
}

builder.objectField(DirectusNotification, 'template', (t) =>
  t.field({
    type: NotificationTemplate,
    nullable: true,
    description: 'The template that the notification was rendered from; null if there is none.',
    extensions: { columns: ['template_id'] },
    resolve: ({ template_id }, _args, context) => (template_id === null ? null : loadTemplate(context, template_id)),
  }),
);

builder.queryField('notification_templates', (t) =>
  t.prismaField({
    type: [NotificationTemplate],
    description: 'The templates, sorted by name.',
    args: { kind: t.arg.string({ description: '`system` or `custom`.' }) },
    resolve: (query, _root, { kind }, context) => listTemplates(context, kind, query),
  }),
);

builder.mutationField('update_notification_template_method', (t) =>
  t.prismaField({
    type: NotificationTemplate,
    description: 'Sets how a template’s notifications are sent. Admins only.',
    args: { id: t.arg.id({ required: true }), method: t.arg.string({ required: true }) },
    resolve: async (query, _root, { id, method }, context) => {
      const { template, changed } = await updateTemplateMethod(context, id, method, query);
      if (!changed) unchanged.add(template);
      return template;
    },
  }),
);
