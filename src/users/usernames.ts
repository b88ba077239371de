import type { UserMethods } from './sql/methods.ts';

/**
 * The id of the user of this name, whatever its case; undefined when there is none. Where names differ only by case, as
 * they could once, each is found by its exact spelling alone.
 */
export async function findUserByName(prisma: UserMethods, username: string): Promise<string | undefined> {
  const users = await prisma.user.findByName(username);
  const [only] = users;
  return users.length === 1 ? only?.id : users.find((user) => user.username === username)?.id;
}

const mostListed = 100;

/** Usernames that differ from another only by case, in order, up to a hundred. */
export async function usernamesByCase(prisma: UserMethods): Promise<readonly string[]> {
  const rows = await prisma.user.usernamesByCase(mostListed);
  return rows.map(({ username }) => username);
}
