import { hashPassword } from '../auth/passwords.ts';
import { isAdmin, type Viewer } from '../auth/viewer.ts';
import { createQuota } from '../quota.ts';
import type { CheckedUser } from './input.ts';

/** How often a member may set the own password in a minute, on each node: every time costs a tenth of a second. */
const changes = createQuota({ most: 10, windowMs: 60_000, what: 'passwords of one user' });

/**
 * The hashes of the passwords that are set, null for those that go; those that stay are not there. Hashed one after the
 * other, in turns with what everybody else wants hashed or checked.
 * @throws ServiceError REQUESTS_EXCEEDED for a member who sets passwords too often, or when too many wait already; the
 * writes of an admin wait for their turns and are not refused.
 */
export async function hashPasswords<User extends Pick<CheckedUser, 'password'>>(
  viewer: Viewer,
  users: readonly User[],
): Promise<ReadonlyMap<User, string | null>> {
  const turn = { key: viewer.kind === 'user' ? viewer.id : viewer.kind, isRefusable: !isAdmin(viewer) };
  const hashes = new Map<User, string | null>();
  for (const user of users) {
    const { password } = user;
    if (password === undefined || hashes.has(user)) continue;
    if (typeof password === 'string' && !isAdmin(viewer)) changes.take(turn.key);
    hashes.set(user, password === null ? null : await hashPassword(password, turn));
  }
  return hashes;
}
