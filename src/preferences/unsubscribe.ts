import type { Context } from '../context.ts';
import { isForeignKeyFault } from '../database/faults.ts';
import { failedValidation } from '../errors.ts';
import type { PreferenceContext } from './context.ts';
import { readUnsubscribeKey, readUnsubscription, type Unsubscription } from './unsubscribe-token.ts';

/** What the link of an e-mail switches off. */
export interface UnsubscriptionState {
  /** The name of the template; null for e-mails without a template, and for a deleted template. */
  readonly template_name: string | null;
  /** Whether it is switched off now. */
  readonly unsubscribed: boolean;
}

type UnsubscribeContext = Pick<PreferenceContext, 'prisma'>;

/**
 * Returns what the token of an e-mail switches off, and changes nothing. The token alone authorises the call. If the
 * user or the template was deleted, `unsubscribed` is true.
 * @throws ServiceError FAILED_VALIDATION of `token`.
 */
export async function readUnsubscriptionState(
  { prisma }: UnsubscribeContext,
  token: string,
): Promise<UnsubscriptionState> {
  return stateOf(prisma, await verify(prisma, token));
}

/**
 * Switches off what the token of an e-mail names: the template for the user, or all e-mails without a template.
 * Idempotent. The token alone authorises the call.
 * @throws ServiceError FAILED_VALIDATION of `token`.
 */
export async function unsubscribe(
  { prisma, now }: UnsubscribeContext & Pick<Context, 'now'>,
  token: string,
): Promise<UnsubscriptionState> {
  const { userId, templateId } = await verify(prisma, token);
  if (templateId === null) {
    await prisma.user.updateMany({ where: { id: userId }, data: { email_notifications: false } });
  } else {
    await prisma.preference.store(userId, new Map([[templateId, true]]), now()).catch((error: unknown) => {
      // The user or the template was deleted.
      if (!isForeignKeyFault(error)) throw error;
    });
  }
  return stateOf(prisma, { userId, templateId });
}

async function verify(prisma: UnsubscribeContext['prisma'], token: string): Promise<Unsubscription> {
  const unsubscription = readUnsubscription(await readUnsubscribeKey(prisma), token);
  if (unsubscription === undefined) throw failedValidation('token', 'token', 'must be the token of an e-mail');
  return unsubscription;
}

async function stateOf(
  prisma: UnsubscribeContext['prisma'],
  { userId, templateId }: Unsubscription,
): Promise<UnsubscriptionState> {
  const user = await prisma.user.findUnique({ where: { id: userId }, select: { email_notifications: true } });
  if (templateId === null) return { template_name: null, unsubscribed: user?.email_notifications !== true };
  const template = await prisma.template.findUnique({ where: { id: templateId } });
  if (user === null || template === null) return { template_name: template?.name ?? null, unsubscribed: true };
  const preference = await prisma.preference.findUnique({
    where: { user_id_template_id: { user_id: userId, template_id: templateId } },
  });
  return { template_name: template.name, unsubscribed: preference?.disabled ?? !template.enabled_by_default };
}
