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
  const byExternal = new Map(existing.map((user) => [user.external_id, user]));
  // Seldom needed: most entries repeat the keys of their user.
  const byId = lazily(() => new Map(existing.map((user) => [user.id, user])));
  const byEmail = lazily(() => new Map(existing.map((user) => [user.email, user])));
  const byName = lazily(() => new Map(existing.map((user) => [user.username?.toLowerCase(), user])));
  const inserts: Entry[] = [];
  const updates: (Entry & { id: string })[] = [];
  const refusals: Refusal[] = [];
  const taken = new Map<string, number>();

  function faultOf({ columns: { external_id, email, username } }: Entry, target: MatchedUser | undefined) {
    const isOther = (user: MatchedUser | undefined) => user !== undefined && user !== target;
    const uuid = parseUuid(external_id);
    if (uuid !== null && isOther(byId().get(uuid))) return valueTaken('external_id', external_id);
    const isLinked = typeof external_id === 'string' && target !== undefined && target.external_id !== null;
    const isEmailTaken = isNew(email, target?.email) && isOther(byEmail().get(email));
    if (isEmailTaken || (isLinked && target.external_id !== external_id)) return valueTaken('email', email);
    if (isNew(username, target?.username) && isOther(byName().get(username.toLowerCase()))) {
      return valueTaken('username', username);
    }
    if (target === undefined) return undefined;
    const first = taken.get(target.id);
    if (first !== undefined) return repeatedUser(typeof external_id === 'string' ? 'external_id' : 'email', first);
    return isChangeable(target) ? undefined : forbidden();
  }

  for (const entry of entries) {
    const { external_id, email } = entry.columns;
    const byKey = typeof external_id === 'string' ? byExternal.get(external_id) : undefined;
    const target = byKey ?? (typeof email === 'string' ? byEmail().get(email) : undefined);
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

/** Whether an entry gives a key that its user does not have. */
function isNew(given: string | null | undefined, stored: string | null | undefined): given is string {
  return typeof given === 'string' && given !== stored;
}

function lazily<Value>(create: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= create();
    return value;
  };
}

function repeatedUser(field: string, first: number): ServiceError {
  return failedValidation(field, 'repeated', `entry ${first} is for the same user`);
}
