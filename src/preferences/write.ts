import { checkBatch } from '../checks.ts';
import type { Context } from '../context.ts';
import { constraintOf, isForeignKeyFault } from '../database/faults.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { failedValidation, invalidForeignKey } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { resolveUser, unknownUser } from './access.ts';
import type { PreferenceContext } from './context.ts';
import { type Preference, preferencesCollection } from './model.ts';
import { storedPreferences } from './read.ts';

const field = 'template_disabled_map';

/**
 * Stores for each template in the map whether the user disabled it: all choices, or none after an error. Returns all
 * stored preferences. Templates outside the map are unchanged. An explicit `false` is stored too: it enables a template
 * that is off by default.
 * @param userRef `me` or any key of a user
 * @param map template ids to booleans; undefined and null change nothing
 * @throws ServiceError FAILED_VALIDATION of `user` for a user who is unknown or hidden from the viewer, and of
 * `template_disabled_map` for a key that is not a UUID (type `uuid`) or a value that is not a boolean (type `boolean`);
 * INVALID_FOREIGN_KEY for an unknown template; INVALID_PAYLOAD for more than `batchMax` templates; FORBIDDEN for
 * viewers who may not change even their own.
 */
export async function updatePreferences(
  context: PreferenceContext & Pick<Context, 'now' | 'limits'>,
  userRef: string,
  map: unknown,
): Promise<Preference[]> {
  const { prisma, now, limits } = context;
  const userId = await resolveUser(context, userRef, 'update');
  const choices = readMap(map);
  checkBatch(choices.size, limits.batchMax);
  if (choices.size > 0) {
    try {
      await prisma.preference.store(userId, choices, now());
    } catch (error) {
      if (!isForeignKeyFault(error)) throw error;
      if (constraintOf(error) === 'preferences_user_id_fkey') throw unknownUser(userRef);
      throw invalidForeignKey(preferencesCollection, field, await firstUnknownTemplate(prisma, [...choices.keys()]));
    }
  }
  return storedPreferences(prisma, userId);
}

/**
 * Converts the map to one with canonical template ids. If two keys are spellings of the same id, the later one wins.
 */
function readMap(map: unknown): ReadonlyMap<string, boolean> {
  if (map === undefined || map === null) return new Map();
  if (typeof map !== 'object' || Array.isArray(map)) {
    throw failedValidation(field, 'object', 'must be an object of template ids and booleans');
  }
  return new Map(
    Object.entries(map).map(([key, disabled]): [string, boolean] => {
      const id = parseUuid(key);
      if (id === null)
        throw failedValidation(field, 'uuid', `the key ${JSON.stringify(key)} must be a UUID`, { value: key });
      if (typeof disabled === 'boolean') return [id, disabled];
      throw failedValidation(field, 'boolean', `the value of "${id}" must be true or false`);
    }),
  );
}

async function firstUnknownTemplate(
  prisma: Pick<ServicePrisma, 'template'>,
  ids: readonly string[],
): Promise<string | null> {
  const rows = await prisma.template.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  const existing = new Set(rows.map(({ id }) => id));
  return ids.find((id) => !existing.has(id)) ?? null;
}
