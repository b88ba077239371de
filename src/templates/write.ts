import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbidden } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { getTemplate, type TemplateQuery, type TemplateRecord } from './read.ts';

/** The methods that a template can have. A template without one uses the deployment's default. */
export const templateMethods = ['smtp', 'webhook', 'inbox'] as const;

/** The result of writing a template. */
export interface TemplateChange {
  readonly template: TemplateRecord;
  /** False if nothing changed. */
  readonly changed: boolean;
}

/**
 * Sets the method of a template, for everybody.
 * @throws ServiceError FORBIDDEN, with the same message, for viewers who may not change templates and for unknown
 * templates; FAILED_VALIDATION of `method` for an unknown method, with the message as `reason`.
 */
export async function updateTemplateMethod(
  context: Pick<Context, 'prisma' | 'viewer'>,
  id: string,
  method: string,
  query: TemplateQuery = {},
): Promise<TemplateChange> {
  if (!may(context.viewer, 'templates.update')) throw forbidden();
  const key = parseUuid(id);
  const { prisma } = context;
  if (key === null || (await prisma.template.count({ where: { id: key } })) === 0) throw forbidden();
  if (!templateMethods.some((name) => name === method)) throw invalidMethod(method);
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
