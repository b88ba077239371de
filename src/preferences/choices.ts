import { z } from 'zod';
import { checkBatch, checker, oneOf, text, uuid } from '../checks.ts';
import type { Context } from '../context.ts';
import { constraintOf, isForeignKeyFault } from '../database/faults.ts';
import { failedValidation, invalidForeignKey } from '../errors.ts';
import { resolveUser, unknownUser } from './access.ts';
import { channelNames } from './channels.ts';
import type { PreferenceContext } from './context.ts';
import type { ChoiceToSave } from './sql/save-choices.ts';

export const choices = ['on', 'off', 'inherit'] as const;
export const choicesCollection = 'notification_choices';

const ChoiceInput = z.object({
  category: text().nullable().default(null),
  template: uuid().nullable().default(null),
  channel: oneOf(channelNames).nullable().default(null),
  choice: oneOf(choices),
});
const check = checker(choicesCollection, ChoiceInput, 1);

/** A choice as callers give it: for a category or a template or neither, by one channel or all. */
export interface ChoiceInput {
  readonly category?: string | null | undefined;
  readonly template?: string | null | undefined;
  readonly channel?: string | null | undefined;
  readonly choice: (typeof choices)[number];
}

/**
 * Stores choices of a user: all of them, or none after an error. Others stay as they are. Of two for the same cell the
 * later one wins. Returns the id of the user.
 * @param userRef `me` or any key of a user
 * @throws ServiceError FAILED_VALIDATION of `user` for a user who is unknown or hidden from the viewer, and of a field
 * of a choice; INVALID_FOREIGN_KEY for an unknown category or template; INVALID_PAYLOAD for more than `batchMax`;
 * FORBIDDEN for viewers who may not change even their own
 */
export async function updateChoices(
  context: PreferenceContext & Pick<Context, 'now' | 'limits'>,
  userRef: string,
  given: readonly ChoiceInput[],
): Promise<string> {
  const { prisma, now, limits } = context;
  const userId = await resolveUser(context, userRef, 'update');
  checkBatch(given.length, limits.batchMax);
  const cells = new Map<string, ChoiceToSave>();
  for (const choice of given.map(checkChoice)) {
    cells.set(JSON.stringify([choice.category, choice.template, choice.channel]), choice);
  }
  const toSave = [...cells.values()];
  await assertKnown(prisma, toSave);
  try {
    if (toSave.length > 0) await prisma.preference.saveChoices(userId, toSave, now());
  } catch (error) {
    if (!isForeignKeyFault(error)) throw error;
    // Deleted since it was looked up.
    if (constraintOf(error)?.includes('user_id')) throw unknownUser(userRef);
    await assertKnown(prisma, toSave);
    throw error;
  }
  return userId;
}

function checkChoice(input: ChoiceInput): ChoiceToSave {
  const choice = check(input);
  if (choice.category !== null && choice.template !== null) {
    throw failedValidation('category', 'xor', 'give either "category" or "template"');
  }
  if (choice.category === null && choice.template === null && choice.channel === null) {
    throw failedValidation('channel', 'required', 'give "category", "template" or "channel"');
  }
  return choice;
}

async function assertKnown(prisma: PreferenceContext['prisma'], given: readonly ChoiceToSave[]): Promise<void> {
  const keys = [...new Set(given.flatMap(({ category }) => category ?? []))];
  const ids = [...new Set(given.flatMap(({ template }) => template ?? []))];
  await assertCategoriesExist(prisma, keys, choicesCollection, 'category');
  if (ids.length === 0) return;
  const templates = await prisma.template.findMany({ where: { id: { in: ids } }, select: { id: true } });
  const known = new Set(templates.map(({ id }) => id));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) throw invalidForeignKey(choicesCollection, 'template', unknown);
}

/** @throws ServiceError INVALID_FOREIGN_KEY of `field` for the first key of no category */
export async function assertCategoriesExist(
  prisma: Pick<PreferenceContext['prisma'], 'category'>,
  keys: readonly string[],
  collection: string,
  field: string,
): Promise<void> {
  if (keys.length === 0) return;
  const categories = await prisma.category.findMany({ where: { key: { in: [...keys] } }, select: { key: true } });
  const known = new Set(categories.map(({ key }) => key));
  const unknown = keys.find((key) => !known.has(key));
  if (unknown !== undefined) throw invalidForeignKey(collection, field, unknown);
}
