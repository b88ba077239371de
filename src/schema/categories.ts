import DataLoader from 'dataloader';
import { omitUndefined } from '../checks.ts';
import type { Category } from '../generated/prisma/client.ts';
import { categoriesByKey, listCategories, saveCategory } from '../preferences/categories.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { NotificationTemplate } from './templates.ts';

export const NotificationCategory = builder.objectRef<Category>('notification_categories').implement({
  description: 'A group of templates, by which people choose what they receive.',
  fields: (t) => ({
    key: t.exposeID('key', { description: 'Its key, such as `security`.' }),
    name: t.exposeString('name', { description: 'Its name for people.' }),
    description: t.exposeString('description', { nullable: true, description: 'What belongs to it.' }),
    required_channels: t.field({
      type: ['String'],
      description: 'Its messages go by these channels, whatever a user chose.',
      resolve: ({ required_channels }) => [...required_channels],
    }),
    default_channels: t.field({
      type: ['String'],
      description: 'Its messages go by these channels, unless a user chose otherwise.',
      resolve: ({ default_channels }) => [...default_channels],
    }),
    hidden: t.exposeBoolean('hidden', {
      description: 'Whether pages of preferences leave it out.',
    }),
  }),
});

const loaders = new WeakMap<GraphQLContext, DataLoader<string, Category | null>>();

/** Loads the categories of all templates and cells of one request in one query. */
function loaderOf(context: GraphQLContext): DataLoader<string, Category | null> {
  const cached = loaders.get(context);
  if (cached) return cached;
  const loader = new DataLoader<string, Category | null>(
    async (keys) => {
      const found = await categoriesByKey(context, keys);
      return keys.map((key) => found.get(key) ?? null);
    },
    { cache: false },
  );
  loaders.set(context, loader);
  return loader;
}

/** The category with this key; null for none. */
export async function loadCategory(context: GraphQLContext, key: string | null): Promise<Category | null> {
  return key === null ? null : loaderOf(context).load(key);
}

builder.prismaObjectField(NotificationTemplate, 'category', (t) =>
  t.field({
    type: NotificationCategory,
    nullable: true,
    description: 'The category of the template; null if it has none.',
    select: { category_key: true },
    resolve: ({ category_key }, _args, context) => loadCategory(context, category_key),
  }),
);

const CategoryInput = builder.inputType('category_input', {
  description: 'A category to create or change. What is left out stays as it is.',
  fields: (t) => ({
    key: t.id({
      required: true,
      description: 'Its key: a–z, digits, `.`, `_` and `-`, at most 64 characters. It never changes.',
    }),
    name: t.string({ description: 'Its name for people. Required for a new category.' }),
    description: t.string({ description: 'What belongs to it.' }),
    required_channels: t.stringList({
      description: 'Its messages go by these channels, whatever a user chose: `smtp`, `webhook`, `inbox`.',
    }),
    default_channels: t.stringList({
      description:
        'Its messages go by these channels, unless a user chose otherwise; by others they do not. Required for a new category.',
    }),
    hidden: t.boolean({ description: 'Whether pages of preferences leave it out.' }),
    templates: t.idList({ description: 'The ids of its templates; others no longer belong to it.' }),
  }),
});

builder.queryField('notification_categories', (t) =>
  t.field({
    type: [NotificationCategory],
    description: 'The categories, in the order of their keys.',
    resolve: (_root, _args, context) => listCategories(context),
  }),
);

builder.mutationField('save_category', (t) =>
  t.field({
    type: NotificationCategory,
    description: 'Creates the category with this key, or changes it. Admins and operators only.',
    args: { data: t.arg({ type: CategoryInput, required: true, description: 'The category.' }) },
    resolve: (_root, { data }, context) => saveCategory(context, withoutNulls(data)),
  }),
);

/** Null means "as it is", except for the description, which it removes. */
function withoutNulls({ description, ...rest }: typeof CategoryInput.$inferInput) {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return omitUndefined({ ...given, description });
}
