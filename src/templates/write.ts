import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbidden } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { getTemplate, type TemplateQuery, type TemplateRecord } from './read.ts';

/** How a template's notifications can be sent. A template without a method follows the deployment's default. */
export const templateMethods = ['smtp', 'webhook', 'inbox'] as const;

/** What a write of a template came to. */
export interface TemplateChange {
  readonly template: TemplateRecord;
  /** False when it was stored like this before. */
  readonly changed: boolean;
}

/**
 * Sets how the notifications of a template are sent, for everybody.
 * @throws ServiceError FORBIDDEN for who is no admin and for an unknown template, which read the same;
 * FAILED_VALIDATION of `method` for another method, with the sentence that says so as `reason`.
 */
export async function updateTemplateMethod(
  context: Pick<Context, 'db' | 'viewer'>,
  id: string,
  method: string,
  query: TemplateQuery = {},
): Promise<TemplateChange> {
  if (!isAdmin(context.viewer)) throw forbidden();
  const key = parseUuid(id);
  const { prisma } = context.db;
  if (key === null || (await prisma.template.count({ where: { id: key } })) === 0) throw forbidden();
  if (!templateMethods.some((known) => known === method)) throw invalidMethod(method);
  const { count } = await prisma.template.updateMany({
    where: { id: key, OR: [{ method: null }, { method: { not: method } }] },
    data: { method },
  });
  return { template: await getTemplate(context, key, query), changed: count > 0 };
}

function invalidMethod(method: string) {
  const reason = `"${method}" is not a valid method; ${templateMethods.join(', ')} are the available options`;
  return failedValidation('method', 'in', reason, { valid: templateMethods, reason });
}
