import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Account, giveTo, runProgram } from './account.ts';
import { EmbeddedError } from './error.ts';

/** The superuser of the cluster, and the name of its database. */
export const clusterUser = 'tidings';

/** The prefix of the names of the server's Unix sockets; the port follows. */
export const socketPrefix = '.s.PGSQL.';

/** The paths in the folder of a cluster. */
export const clusterPaths = (clusterDir: string) => ({
  data: join(clusterDir, 'data'),
  password: join(clusterDir, 'password'),
  log: join(clusterDir, 'postgres.log'),
});

/** The password of the cluster in `clusterDir`, or undefined when there is no cluster yet. */
export async function findPassword(clusterDir: string): Promise<string | undefined> {
  try {
    return (await readFile(clusterPaths(clusterDir).password, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new EmbeddedError(`The database folder ${clusterDir} belongs to another user.`, error);
  }
}

/**
 * Checks that this PostgreSQL can open the cluster in `clusterDir`: each major version has a file format of its own.
 * @throws EmbeddedError with the commands that move the data.
 */
export async function checkMajor(clusterDir: string, major: number): Promise<void> {
  const text = await readFile(join(clusterPaths(clusterDir).data, 'PG_VERSION'), 'utf8').catch(() => '');
  const found = Number.parseInt(text, 10);
  // PostgreSQL itself reports a file that is missing or damaged.
  if (Number.isNaN(found) || found === major) return;
  const folder = dirname(clusterDir);
  const what = `The database in ${clusterDir} was created by PostgreSQL ${found}, and this version of Tidings has PostgreSQL ${major}.`;
  if (found > major) throw new EmbeddedError(`${what} Start the version of Tidings that created it.`);
  const commands = [
    `tidings backup ${folder}.tidings`,
    `mv ${clusterDir} ${clusterDir}-${found}`,
    `tidings restore ${folder}.tidings`,
  ].map((command) => `"${command}"`);
  throw new EmbeddedError(
    `${what} Nothing was changed. Run the first command with the version of Tidings that created it, the others with this one: ${commands.join(', then ')}.`,
  );
}

/**
 * Creates a cluster and its password. They are created beside `clusterDir` and then moved there in one step, so that
 * `clusterDir` never contains an incomplete cluster, even if the service is killed or two services start at the same
 * time.
 */
export async function createCluster(
  clusterDir: string,
  account: Account,
  initdb: string,
  signal?: AbortSignal,
): Promise<void> {
  const draft = await mkdtemp(draftPrefix(clusterDir)).catch((error: Error) => {
    throw new EmbeddedError(`DATA_DIR: ${clusterDir} cannot be created: ${error.message}.`, error);
  });
  const { data, password } = clusterPaths(draft);
  try {
    await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    await giveTo(account, password);
    await giveTo(account, draft);
    const initdbArguments = [
      ...['--pgdata', data, '--username', clusterUser, '--pwfile', password, '--auth', 'scram-sha-256'],
      // Character classes follow Unicode, and order follows code points: the same on every machine, whatever its
      // locales.
      ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      '--no-instructions',
    ];
    const { isOk, output } = await runProgram(account, initdb, initdbArguments, signal);
    signal?.throwIfAborted();
    if (!isOk) throw new EmbeddedError(`PostgreSQL cannot initialize its data folder:\n${output.trim()}\n`);
    await rename(draft, clusterDir);
  } catch (error) {
    await removeDraft(draft);
    signal?.throwIfAborted();
    // Another service has created the cluster first. Only one of the two services gets the lock of the cluster and
    // continues.
    if ((await findPassword(clusterDir)) !== undefined) return;
    if (error instanceof EmbeddedError) throw error;
    throw new EmbeddedError(`DATA_DIR: ${clusterDir} cannot be created: ${(error as Error).message}.`, error);
  }
}

/**
 * Removes the unfinished clusters beside `clusterDir` that killed services left. Only the service that holds the lock
 * of the cluster may call it.
 */
export async function removeDrafts(clusterDir: string): Promise<void> {
  const prefix = basename(draftPrefix(clusterDir));
  for (const name of await readdir(dirname(clusterDir))) {
    if (name.startsWith(prefix)) await removeDraft(join(dirname(clusterDir), name));
  }
}

/** Another service may be writing to the folder or removing it; the next start removes the remaining files. */
async function removeDraft(draft: string): Promise<void> {
  await rm(draft, { recursive: true, force: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
  });
}

/**
 * Removes the sockets that killed servers left in `clusterDir`, except that of `port`. Only the service
 * that holds the lock of the cluster may call it.
 */
export async function removeStaleSockets(clusterDir: string, port: number): Promise<void> {
  for (const name of await readdir(clusterDir)) {
    const isStale = name.startsWith(socketPrefix) && Number.parseInt(name.slice(socketPrefix.length), 10) !== port;
    if (isStale) await rm(join(clusterDir, name), { force: true });
  }
}

const draftPrefix = (clusterDir: string): string => `${clusterDir}.new-`;
