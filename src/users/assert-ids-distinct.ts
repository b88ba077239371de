import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { parseUuid } from '../values.ts';
import { valueTaken } from './input.ts';

/** A user who is about to be written. */
export interface WrittenKeys {
  /** Undefined if it is generated. */
  readonly id: string | undefined;
  readonly external_id: string | null | undefined;
}

/**
 * Checks that no UUID becomes the id of one user and the external id of another. Requests with that UUID would reach
 * only the first user, because an existing id is not looked up as an external id.
 * @param chosenIds ids of new users that the caller chose
 * @throws ServiceError RECORD_NOT_UNIQUE naming the field and the value.
 */
export async function assertIdsDistinct(
  prisma: UserKeyMethods,
  users: readonly WrittenKeys[],
  chosenIds: readonly string[] = [],
): Promise<void> {
  const external = users.flatMap(({ id, external_id: text }) => {
    const uuid = parseUuid(text);
    return uuid === null || uuid === id ? [] : [{ text, uuid }];
  });
  if (external.length === 0 && chosenIds.length === 0) return;
  const chosen = new Set(chosenIds);
  const clash = external.find(({ uuid }) => chosen.has(uuid));
  if (clash !== undefined) throw valueTaken('external_id', clash.text);
  const id = external.map(({ uuid }) => uuid);
  // UUIDs of applications may be in upper case, too.
  const external_id = chosenIds.flatMap((uuid) => [uuid, uuid.toUpperCase()]);
  const [match] = await prisma.user.findByKeys({ id, external_id, username: [], email: [] }, null);
  if (match?.kind === 'external_id') throw valueTaken('id', match.value.toLowerCase());
  if (match !== undefined) throw valueTaken('external_id', external.find(({ uuid }) => uuid === match.id)?.text);
}
