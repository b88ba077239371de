import type { PreferenceContext } from './context.ts';
import type { TemplateFacts, UserFacts } from './decide.ts';
import { factsOf } from './facts.ts';

/** A template with what decides about it. */
export interface DecidedTemplate extends TemplateFacts {
  readonly method: string | null;
  readonly name: string;
}

/** Reads templates with their categories. @param ids default: all */
export async function readTemplates(
  prisma: Pick<PreferenceContext['prisma'], 'template'>,
  ids?: readonly string[],
): Promise<(DecidedTemplate & { readonly isHidden: boolean })[]> {
  const rows = await prisma.template.findMany({
    ...(ids && { where: { id: { in: [...ids] } } }),
    select: { id: true, name: true, method: true, enabled_by_default: true, category: true },
  });
  return rows.map(({ category, ...template }) => ({
    ...template,
    category: category && {
      key: category.key,
      required_channels: category.required_channels,
      default_channels: category.default_channels,
    },
    isHidden: category?.hidden ?? false,
  }));
}

/**
 * Reads what a user chose for some templates; returns a function that gives the facts of the user for one of them, or
 * for a message without a template. Undefined if there is no such user.
 */
export async function readUserFacts(
  prisma: PreferenceContext['prisma'],
  userId: string,
  templates: readonly string[],
): Promise<((template: string | null) => UserFacts) | undefined> {
  const user = await prisma.user.findUnique({
    where: { id: userId },
    select: { status: true, email_notifications: true },
  });
  if (user === null) return undefined;
  const [row] = await prisma.preference.readFacts([userId], templates);
  const columns = { is_suspended: user.status === 'suspended', email_notifications: user.email_notifications };
  return (template) => factsOf(row?.facts ?? null, userId, template, columns);
}
