import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import { forbidden, forbiddenCollection } from '../errors.ts';
import type { Prisma, Template } from '../generated/prisma/client.ts';
import { isStorable, parseUuid } from '../values.ts';

/** A template as returned by Prisma, with the relations the query selects. */
export type TemplateRecord = Template;

/** The relations to include, or the columns to select. */
export type TemplateQuery = Pick<Prisma.TemplateFindManyArgs, 'include' | 'select'>;

export const templatesCollection = 'notification_templates';

/**
 * Lists the templates for any signed-in viewer. They are sorted by name in code point order, whatever the collation of
 * the database is.
 * @param kind `system` or `custom`; undefined and null: all
 * @throws ServiceError FORBIDDEN for anonymous viewers.
 */
export async function listTemplates(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  kind?: string | null,
  query: TemplateQuery = {},
): Promise<TemplateRecord[]> {
  assertMayRead(viewer);
  // A kind that cannot be stored matches no template.
  if (typeof kind === 'string' && !isStorable(kind)) return [];
  const where = kind === undefined || kind === null ? {} : { kind };
  // The order needs the name even if the query does not select it.
  const selected = query.select ? { select: { ...query.select, name: true } } : query;
  const templates = await prisma.template.findMany({ ...selected, where });
  return templates.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/**
 * One template. @throws ServiceError FORBIDDEN for anonymous viewers, and when it does not exist or the id is
 * malformed.
 */
export async function getTemplate(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  id: string,
  query: TemplateQuery = {},
): Promise<TemplateRecord> {
  assertMayRead(viewer);
  const key = parseUuid(id);
  const template = key === null ? null : await prisma.template.findUnique({ ...query, where: { id: key } });
  if (template === null) throw forbidden();
  return template;
}

/** The existing templates with these ids. @throws ServiceError FORBIDDEN for anonymous viewers. */
export async function templatesById(
  { prisma, viewer }: Pick<Context, 'prisma' | 'viewer'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TemplateRecord>> {
  assertMayRead(viewer);
  const templates = await prisma.template.findMany({ where: { id: { in: [...new Set(ids)] } } });
  return new Map(templates.map((template) => [template.id, template]));
}

function assertMayRead(viewer: Context['viewer']): void {
  if (!may(viewer, 'templates.read')) throw forbiddenCollection(templatesCollection, 'read');
}
