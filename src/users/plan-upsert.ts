import { failedValidation, forbidden, type ServiceError } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { valueTaken } from './input.ts';
import type { MatchedUser } from './sql/match-users.ts';
import type { Entry, Refusal } from './upsert-input.ts';

/** The users to insert and to update for the entries of a list, and the refused entries. */
export interface UpsertPlan {
  readonly inserts: readonly Entry[];
  readonly updates: readonly (Entry & { readonly id: string })[];
  readonly refusals: readonly Refusal[];
}

/**
 * Decides for each entry which user it is: the one with its external id, or else the one with its e-mail address, or
 * else a new one. A user found by the address gets the external id; if the user has a different one, the entry is
 * refused.
 * @param existing every user who has a key of an entry
 * @param isChangeable whether the viewer may change this user
 */
export function planUpsert(
  entries: readonly Entry[],
  existing: readonly MatchedUser[],
  isChangeable: (user: MatchedUser) => boolean,
): UpsertPlan {
  if (existing.length === 0) return { inserts: entries, updates: [], refusals: [] };
  const byId = new Map(existing.map((user) => [user.id, user]));
  const byExternal = new Map(existing.map((user) => [user.external_id, user]));
  const byEmail = new Map(existing.map((user) => [user.email, user]));
  const byName = new Map(existing.map((user) => [user.username?.toLowerCase(), user]));
  const inserts: Entry[] = [];
  const updates: (Entry & { id: string })[] = [];
  const refusals: Refusal[] = [];
  const taken = new Map<string, number>();

  function faultOf({ columns: { external_id, email, username } }: Entry, target: MatchedUser | undefined) {
    const isOther = (user: MatchedUser | undefined) => user !== undefined && user !== target;
    if (isOther(byId.get(parseUuid(external_id) ?? ''))) return valueTaken('external_id', external_id);
    const isLinked = typeof external_id === 'string' && target !== undefined && target.external_id !== null;
    if (isOther(byEmail.get(email ?? '')) || (isLinked && target.external_id !== external_id)) {
      return valueTaken('email', email);
    }
    if (isOther(byName.get(username?.toLowerCase() ?? ''))) return valueTaken('username', username);
    if (target === undefined) return undefined;
    const first = taken.get(target.id);
    if (first !== undefined) return repeatedUser(typeof external_id === 'string' ? 'external_id' : 'email', first);
    return isChangeable(target) ? undefined : forbidden();
  }

  for (const entry of entries) {
    const { external_id, email } = entry.columns;
    const target = byExternal.get(external_id ?? '') ?? byEmail.get(email ?? '');
    const error: ServiceError | undefined = faultOf(entry, target);
    if (error !== undefined) refusals.push({ index: entry.index, error });
    else if (target === undefined) inserts.push(entry);
    else {
      taken.set(target.id, entry.index);
      updates.push({ ...entry, id: target.id });
    }
  }
  return { inserts, updates, refusals };
}

function repeatedUser(field: string, first: number): ServiceError {
  return failedValidation(field, 'repeated', `entry ${first} is for the same user`);
}
