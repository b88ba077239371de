import { hashPassword } from '../auth/passwords.ts';
import { may } from '../auth/rights.ts';
import type { Viewer } from '../auth/viewer.ts';
import { createQuota } from '../quota.ts';
import type { CheckedUser } from './input.ts';

/** Maximum number of password changes per member and minute on this node; each costs about 100 ms of CPU. */
const changes = createQuota({ most: 10, windowMs: 60_000, what: 'passwords of one user' });

/**
 * Returns the hashes of new passwords, and null for removed ones; users whose password does not change have no entry.
 * Passwords are hashed one after another, through the queue that all hashing and checking of passwords shares.
 * @throws ServiceError REQUESTS_EXCEEDED for a member who changes passwords too often, or when the queue is full; an
 * admin's writes wait for the queue instead.
 */
export async function hashPasswords<User extends Pick<CheckedUser, 'password'>>(
  viewer: Viewer,
  users: readonly User[],
): Promise<ReadonlyMap<User, string | null>> {
  const turn = {
    key: viewer.kind === 'user' ? viewer.id : viewer.kind,
    isRefusable: !may(viewer, 'users.set_credentials'),
  };
  const hashes = new Map<User, string | null>();
  for (const user of users) {
    const { password } = user;
    if (password === undefined || hashes.has(user)) continue;
    if (typeof password === 'string' && !may(viewer, 'users.set_credentials')) changes.take(turn.key);
    hashes.set(user, password === null ? null : await hashPassword(password, turn));
  }
  return hashes;
}
