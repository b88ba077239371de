import type { UserMethods } from './sql/methods.ts';

/**
 * The id of the user with this name, ignoring case; undefined if there is none. Old databases may hold names that
 * differ only by case; those match only when spelled exactly.
 */
export async function findUserByName(prisma: UserMethods, username: string): Promise<string | undefined> {
  const users = await prisma.user.findByName(username);
  const [first] = users;
  return users.length === 1 ? first?.id : users.find((user) => user.username === username)?.id;
}

const listedMax = 100;

/** Usernames that differ only by case from the username of another user, in order, up to a hundred. */
export async function usernamesByCase(prisma: UserMethods): Promise<readonly string[]> {
  const rows = await prisma.user.usernamesByCase(listedMax);
  return rows.map(({ username }) => username);
}
