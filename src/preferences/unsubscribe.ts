import type { Context } from '../context.ts';
import { isForeignKeyFault } from '../database/faults.ts';
import { failedValidation } from '../errors.ts';
import type { PreferenceContext } from './context.ts';
import { readUnsubscribeKeys, readUnsubscription, type Unsubscription } from './unsubscribe-token.ts';

/** What the link of an e-mail switches off. */
export interface UnsubscriptionState {
  /** The name of the template; null for e-mails without a template, and for a deleted template. */
  readonly template_name: string | null;
  /** Whether it is switched off now. */
  readonly unsubscribed: boolean;
  /** Whether the link itself switched it off, so that it may undo that. */
  readonly undoable: boolean;
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
    await prisma.preference.store(userId, new Map([[templateId, true]]), now(), true).catch((error: unknown) => {
      // The user or the template was deleted.
      if (!isForeignKeyFault(error)) throw error;
    });
  }
  return stateOf(prisma, { userId, templateId });
}

/**
 * Switches on again what the link of the token switched off. Nothing that the user switched off otherwise is changed.
 * The token alone authorises the call.
 * @throws ServiceError FAILED_VALIDATION of `token`.
 */
export async function undoUnsubscribe({ prisma }: UnsubscribeContext, token: string): Promise<UnsubscriptionState> {
  const unsubscription = await verify(prisma, token);
  const { userId: user_id, templateId: template_id } = unsubscription;
  if (template_id !== null) {
    const byLink = { user_id, template_id, disabled: true, unsubscribed: true };
    const template = await prisma.template.findUnique({
      where: { id: template_id },
      select: { enabled_by_default: true },
    });
    // Without a choice the template is on again; one that is off by default was switched on before.
    if (template?.enabled_by_default) await prisma.preference.deleteMany({ where: byLink });
    else await prisma.preference.updateMany({ where: byLink, data: { disabled: false, unsubscribed: false } });
  }
  return stateOf(prisma, unsubscription);
}

async function verify(prisma: UnsubscribeContext['prisma'], token: string): Promise<Unsubscription> {
  const unsubscription = readUnsubscription(await readUnsubscribeKeys(prisma), token);
  if (unsubscription === undefined) throw failedValidation('token', 'token', 'must be the token of an e-mail');
  return unsubscription;
}

async function stateOf(
  prisma: UnsubscribeContext['prisma'],
  { userId, templateId }: Unsubscription,
): Promise<UnsubscriptionState> {
  const user = await prisma.user.findUnique({ where: { id: userId }, select: { email_notifications: true } });
  const undoable = false;
  if (templateId === null) return { template_name: null, unsubscribed: user?.email_notifications !== true, undoable };
  const template = await prisma.template.findUnique({ where: { id: templateId } });
  if (user === null || template === null) {
    return { template_name: template?.name ?? null, unsubscribed: true, undoable };
  }
  const preference = await prisma.preference.findUnique({
    where: { user_id_template_id: { user_id: userId, template_id: templateId } },
  });
  return {
    template_name: template.name,
    unsubscribed: preference?.disabled ?? !template.enabled_by_default,
    undoable: (preference?.disabled && preference.unsubscribed) ?? false,
  };
}
