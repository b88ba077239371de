import type { Context } from '../context.ts';
import { forbidden, forbiddenCollection } from '../errors.ts';
import type { Prisma, Template } from '../generated/prisma/client.ts';
import { isStorable, parseUuid } from '../values.ts';

/** A template as Prisma gives it, with whatever relations the query asked for. */
export type TemplateRecord = Template;

/** What else than the columns to read with each template. */
export type TemplateQuery = Pick<Prisma.TemplateFindManyArgs, 'include' | 'select'>;

export const templatesCollection = 'notification_templates';

/**
 * The templates, by name in code point order (whatever the database's own order is), for whoever is signed in.
 * @param kind `system` or `custom`; undefined and null: all
 * @throws ServiceError FORBIDDEN for the anonymous.
 */
export async function listTemplates(
  { db, viewer }: Pick<Context, 'db' | 'viewer'>,
  kind?: string | null,
  query: TemplateQuery = {},
): Promise<TemplateRecord[]> {
  assertSignedIn(viewer);
  // No template has a kind that no text can hold.
  if (typeof kind === 'string' && !isStorable(kind)) return [];
  const where = kind === undefined || kind === null ? {} : { kind };
  // A query may select columns, but the order needs the name.
  const selected = query.select ? { select: { ...query.select, name: true } } : query;
  const templates = await db.prisma.template.findMany({ ...selected, where });
  return templates.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/** One template. @throws ServiceError FORBIDDEN for the anonymous, and when it does not exist or its id is no uuid. */
export async function getTemplate(
  { db, viewer }: Pick<Context, 'db' | 'viewer'>,
  id: string,
  query: TemplateQuery = {},
): Promise<TemplateRecord> {
  assertSignedIn(viewer);
  const key = parseUuid(id);
  const template = key === null ? null : await db.prisma.template.findUnique({ ...query, where: { id: key } });
  if (template === null) throw forbidden();
  return template;
}

/** These templates by id, those that are there. @throws ServiceError FORBIDDEN for the anonymous. */
export async function templatesById(
  { db, viewer }: Pick<Context, 'db' | 'viewer'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TemplateRecord>> {
  assertSignedIn(viewer);
  const templates = await db.prisma.template.findMany({ where: { id: { in: [...new Set(ids)] } } });
  return new Map(templates.map((template) => [template.id, template]));
}

function assertSignedIn(viewer: Context['viewer']): void {
  if (viewer.kind === 'anonymous') throw forbiddenCollection(templatesCollection, 'read');
}
