import { z } from 'zod';
import { may } from '../auth/rights.ts';
import { checker, flag, omitUndefined, oneOf, rule, text, uuid } from '../checks.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbiddenCollection, invalidForeignKey } from '../errors.ts';
import type { Category } from '../generated/prisma/client.ts';
import { channelNames } from './channels.ts';

export const categoriesCollection = 'notification_categories';

const maxKeyLength = 64;
const maxNameLength = 255;
const maxDescriptionLength = 2000;
const channels = () => z.array(oneOf(channelNames)).transform((names) => [...new Set(names)]);

const CategoryInput = z.object({
  key: text(maxKeyLength).refine(
    (key) => /^[a-z0-9][a-z0-9_.-]*$/.test(key),
    rule('key', 'must begin with a letter a–z or digit, followed by a–z, digits, ".", "_" or "-"'),
  ),
  name: text(maxNameLength)
    .refine((name) => name.trim() !== '', rule('required', 'must not be blank'))
    .optional(),
  description: text(maxDescriptionLength).nullable().optional(),
  required_channels: channels().optional(),
  default_channels: channels().optional(),
  hidden: flag().optional(),
  templates: z.array(uuid()).optional(),
});

const check = checker(categoriesCollection, CategoryInput);

/** A category as callers save it; what is left out stays as it is. */
export type CategoryInput = z.input<typeof CategoryInput>;

/** All categories, in the order of their keys. @throws ServiceError FORBIDDEN for anonymous viewers. */
export async function listCategories({ prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>): Promise<Category[]> {
  if (!may(viewer, 'templates.read')) throw forbiddenCollection(categoriesCollection, 'read');
  const categories = await prisma.category.findMany();
  return categories.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** The existing categories with these keys. @throws ServiceError FORBIDDEN for anonymous viewers. */
export async function categoriesByKey(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Category>> {
  if (!may(viewer, 'templates.read')) throw forbiddenCollection(categoriesCollection, 'read');
  const categories = await prisma.category.findMany({ where: { key: { in: [...new Set(keys)] } } });
  return new Map(categories.map((category) => [category.key, category]));
}

/**
 * Creates the category with this key, or changes it. `templates` are then exactly those of the category.
 * @throws ServiceError FORBIDDEN unless the viewer may change templates; FAILED_VALIDATION naming the field, also of
 * `name` and `default_channels` that a new category lacks; INVALID_FOREIGN_KEY of `templates` for an unknown one
 */
export async function saveCategory(
  { prisma, viewer, now }: Pick<Context, 'prisma' | 'viewer' | 'now'>,
  input: object,
): Promise<Category> {
  if (!may(viewer, 'templates.update')) throw forbiddenCollection(categoriesCollection, 'update');
  const { key, templates, ...given } = check(input);
  const change = { ...omitUndefined(given), updated_at: now() };
  return prisma.$transaction(async (transaction) => {
    const existing = await transaction.category.findUnique({ where: { key } });
    if (existing !== null) await transaction.category.update({ where: { key }, data: change });
    else {
      const { name, default_channels } = given;
      if (name === undefined) throw missing('name');
      // Nothing can be assumed here: each channel would send, or leave out, what nobody asked for.
      if (default_channels === undefined) throw missing('default_channels');
      await transaction.category.create({ data: { ...change, key, name, default_channels } });
    }
    if (templates !== undefined) {
      const ids = [...new Set(templates)];
      const found = await transaction.template.findMany({ where: { id: { in: ids } }, select: { id: true } });
      const known = new Set(found.map(({ id }) => id));
      const unknown = ids.find((id) => !known.has(id));
      if (unknown !== undefined) throw invalidForeignKey(categoriesCollection, 'templates', unknown);
      await transaction.template.updateMany({
        where: { category_key: key, id: { notIn: ids } },
        data: { category_key: null },
      });
      await transaction.template.updateMany({ where: { id: { in: ids } }, data: { category_key: key } });
    }
    return transaction.category.findUniqueOrThrow({ where: { key } });
  });
}

function missing(field: string) {
  return failedValidation(field, 'required', 'is required for a new category');
}
