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
 * Stores for each template of the map whether the user disabled it, all or none, and gives everything that is stored
 * then. Templates not in the map keep what they have; an explicit `false` is stored too, as it enables a template that
 * is off by default.
 * @param userRef `me`, a uuid or a username
 * @param map template ids to booleans; undefined and null change nothing
 * @throws ServiceError FAILED_VALIDATION of `user` for somebody unknown or not the viewer's to see, and of
 * `template_disabled_map` for a key that is no uuid (type `uuid`) or a value that is no boolean (type `boolean`);
 * INVALID_FOREIGN_KEY for a template that does not exist; INVALID_PAYLOAD for more templates than one write may have;
 * FORBIDDEN for the anonymous.
 */
export async function updatePreferences(
  context: PreferenceContext & Pick<Context, 'now' | 'limits'>,
  userRef: string,
  map: unknown,
): Promise<Preference[]> {
  const { prisma, now, limits } = context;
  const userId = await resolveUser(context, userRef, 'update');
  const wanted = readMap(map);
  checkBatch(wanted.size, limits.batchMax);
  if (wanted.size > 0) {
    try {
      await prisma.preference.store(userId, wanted, now());
    } catch (error) {
      if (!isForeignKeyFault(error)) throw error;
      if (constraintOf(error) === 'preferences_user_id_fkey') throw unknownUser(userRef);
      throw invalidForeignKey(preferencesCollection, field, await firstUnknown(prisma, [...wanted.keys()]));
    }
  }
  return storedPreferences(prisma, userId);
}

/** The map by canonical template id: two spellings of one id are one key, the later one counts. */
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

async function firstUnknown(prisma: Pick<ServicePrisma, 'template'>, ids: readonly string[]): Promise<string | null> {
  const rows = await prisma.template.findMany({ where: { id: { in: [...ids] } }, select: { id: true } });
  const known = new Set(rows.map(({ id }) => id));
  return ids.find((id) => !known.has(id)) ?? null;
}
