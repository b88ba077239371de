import type { Context } from '../context.ts';
import { isForeignKeyFault } from '../database/faults.ts';
import { failedValidation } from '../errors.ts';
import type { PreferenceContext } from './context.ts';
import { readTemplates, readUserFacts } from './decided-user.ts';
import { cellState } from './effective.ts';
import { readUnsubscribeKeys, readUnsubscription, type Unsubscription } from './unsubscribe-token.ts';

/** What the link of an e-mail switches off. */
export interface UnsubscriptionState {
  /** The name of the template; null for e-mails without a template, and for a deleted template. */
  readonly template_name: string | null;
  /** Null: by every channel, as the links of earlier versions do. */
  readonly channel: 'smtp' | null;
  /** Whether it is switched off now. */
  readonly unsubscribed: boolean;
  /** Whether the link itself switched it off, so that it may undo that. */
  readonly undoable: boolean;
  /** Whether nothing switches it off. */
  readonly locked: boolean;
}

type UnsubscribeContext = Pick<PreferenceContext, 'prisma'>;
type Prisma = UnsubscribeContext['prisma'];

/** What a kind of token switches off. */
interface Subject {
  /** Null: the user or the template was deleted. */
  state(): Promise<Omit<UnsubscriptionState, 'channel'> | null>;
  /** Idempotent. What is off already stays as it is. */
  switchOff(now: Date): Promise<void>;
  /** Switches on again what the link switched off, and nothing else. */
  undo(now: Date): Promise<void>;
}

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
 * Switches off what the token of an e-mail names: the e-mails of a template for the user, or all e-mails without a
 * template. Idempotent. The token alone authorises the call.
 * @throws ServiceError FAILED_VALIDATION of `token`.
 */
export async function unsubscribe(
  { prisma, now }: UnsubscribeContext & Pick<Context, 'now'>,
  token: string,
): Promise<UnsubscriptionState> {
  const unsubscription = await verify(prisma, token);
  await subjectOf(prisma, unsubscription)
    .switchOff(now())
    .catch((error: unknown) => {
      // The user or the template was deleted.
      if (!isForeignKeyFault(error)) throw error;
    });
  return stateOf(prisma, unsubscription);
}

/**
 * Switches on again what the link of the token switched off. Nothing that the user switched off otherwise is changed.
 * The token alone authorises the call.
 * @throws ServiceError FAILED_VALIDATION of `token`.
 */
export async function undoUnsubscribe(
  { prisma, now }: UnsubscribeContext & Pick<Context, 'now'>,
  token: string,
): Promise<UnsubscriptionState> {
  const unsubscription = await verify(prisma, token);
  await subjectOf(prisma, unsubscription).undo(now());
  return stateOf(prisma, unsubscription);
}

async function verify(prisma: Prisma, token: string): Promise<Unsubscription> {
  const unsubscription = readUnsubscription(await readUnsubscribeKeys(prisma), token);
  if (unsubscription === undefined) throw failedValidation('token', 'token', 'must be the token of an e-mail');
  return unsubscription;
}

async function stateOf(prisma: Prisma, unsubscription: Unsubscription): Promise<UnsubscriptionState> {
  const { templateId, channel } = unsubscription;
  const state = await subjectOf(prisma, unsubscription).state();
  if (state !== null) return { ...state, channel };
  const template =
    templateId === null
      ? null
      : await prisma.template.findUnique({ where: { id: templateId }, select: { name: true } });
  return { template_name: template?.name ?? null, channel, unsubscribed: true, undoable: false, locked: false };
}

function subjectOf(prisma: Prisma, { userId, templateId, channel }: Unsubscription): Subject {
  if (templateId === null) return mailsWithoutTemplate(prisma, userId);
  return channel === null ? wholeTemplate(prisma, userId, templateId) : mailsOf(prisma, userId, templateId);
}

/** The e-mails of a template: one cell of the user's preferences. */
function mailsOf(prisma: Prisma, user_id: string, template_id: string): Subject {
  const byLink = { user_id, template_id, channel: 'smtp', is_on: false };
  const state = async () => {
    const [[template], factsFor] = await Promise.all([
      readTemplates(prisma, [template_id]),
      readUserFacts(prisma, user_id, [template_id]),
    ]);
    if (template === undefined || factsFor === undefined) return null;
    const { on, locked, because } = cellState(factsFor(template_id), template, 'smtp');
    const undoable =
      because === 'unsubscribed' &&
      (await prisma.choice.count({ where: { ...byLink, undo_choice: { not: null } } })) > 0;
    return { template_name: template.name, unsubscribed: !on, undoable, locked };
  };
  return {
    state,
    async switchOff(now) {
      const before = await state();
      if (before !== null && !before.unsubscribed && !before.locked) {
        await prisma.preference.unsubscribeCell(user_id, template_id, now);
      }
    },
    async undo(now) {
      await prisma.choice.deleteMany({ where: { ...byLink, undo_choice: 'inherit' } });
      await prisma.choice.updateMany({
        where: { ...byLink, undo_choice: 'on' },
        data: { is_on: true, undo_choice: null, updated_at: now },
      });
    },
  };
}

/** A template by every channel, as the links of earlier versions name it. */
function wholeTemplate(prisma: Prisma, user_id: string, template_id: string): Subject {
  const byLink = { user_id, template_id, disabled: true, unsubscribed: true };
  return {
    async state() {
      const [user, template, preference] = await Promise.all([
        prisma.user.count({ where: { id: user_id } }),
        prisma.template.findUnique({ where: { id: template_id } }),
        prisma.preference.findUnique({ where: { user_id_template_id: { user_id, template_id } } }),
      ]);
      if (user === 0 || template === null) return null;
      return {
        template_name: template.name,
        unsubscribed: preference?.disabled ?? !template.enabled_by_default,
        undoable: (preference?.disabled && preference.unsubscribed) ?? false,
        locked: false,
      };
    },
    async switchOff(now) {
      await prisma.preference.store(user_id, new Map([[template_id, true]]), now, true);
    },
    async undo() {
      const template = await prisma.template.findUnique({
        where: { id: template_id },
        select: { enabled_by_default: true },
      });
      // Without a choice the template is on again; one that is off by default was switched on before.
      if (template?.enabled_by_default) await prisma.preference.deleteMany({ where: byLink });
      else await prisma.preference.updateMany({ where: byLink, data: { disabled: false, unsubscribed: false } });
    },
  };
}

function mailsWithoutTemplate(prisma: Prisma, id: string): Subject {
  return {
    async state() {
      const user = await prisma.user.findUnique({
        where: { id },
        select: { email_notifications: true, mails_unsubscribed_at: true },
      });
      if (user === null) return null;
      const { email_notifications: isOn, mails_unsubscribed_at: byLinkAt } = user;
      return { template_name: null, unsubscribed: !isOn, undoable: !isOn && byLinkAt !== null, locked: false };
    },
    async switchOff(now) {
      await prisma.user.updateMany({
        where: { id, email_notifications: true },
        data: { email_notifications: false, mails_unsubscribed_at: now },
      });
    },
    async undo() {
      await prisma.user.updateMany({
        where: { id, email_notifications: false, mails_unsubscribed_at: { not: null } },
        data: { email_notifications: true },
      });
    },
  };
}
