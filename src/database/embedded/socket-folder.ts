import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, giveTo } from './account.ts';
import { socketPrefix } from './cluster.ts';

/** The folder of a cluster's Unix socket. */
export interface SocketFolder {
  /** Undefined if the cluster has no Unix socket and is reached over TCP only. */
  readonly path: string | undefined;
  /** Removes the folder unless it is the folder of the cluster. Call it after the server has ended. */
  remove(): Promise<void>;
}

/** Maximum length of a socket's path in bytes: the smallest limit of the supported systems. */
const socketPathMax = 103;
/** The file in the folder of the cluster that contains the path of the socket folder, if the socket is elsewhere. */
const noteOf = (clusterDir: string) => join(clusterDir, 'socket-folder');

/**
 * Returns the folder of the cluster. If its path is too long for a socket, returns a folder with a short path in the
 * system's folder for temporary files, which only its owner may enter. A file in the cluster's folder stores that path,
 * so that the next start uses the same folder even after a kill; a folder that now belongs to another user is not used.
 */
export async function chooseSocketFolder(clusterDir: string, account: Account): Promise<SocketFolder> {
  if (process.platform === 'win32') return { path: undefined, remove: async () => undefined };
  if (mayHoldSocket(clusterDir)) return { path: clusterDir, remove: async () => undefined };
  const noted = await readFile(noteOf(clusterDir), 'utf8').catch(() => undefined);
  const path = noted !== undefined && (await isOurs(noted, account)) ? noted : await make(clusterDir, account);
  return {
    path,
    async remove() {
      if (path === undefined || !(await isOurs(path, account))) return;
      await rm(path, { recursive: true, force: true });
      await rm(noteOf(clusterDir), { force: true });
    },
  };
}

async function make(clusterDir: string, account: Account): Promise<string | undefined> {
  const parent = [tmpdir(), '/tmp'].find((folder) => mayHoldSocket(join(folder, 'tidings-123456')));
  if (parent === undefined) return undefined;
  try {
    // Creates the folder with mode 0700 and a name that did not exist before.
    const path = await mkdtemp(join(parent, 'tidings-'));
    await giveTo(account, path);
    return await note(clusterDir, path, account);
  } catch {
    // The service then connects by TCP.
    return undefined;
  }
}

/**
 * Stores the path of the folder. If another service stored one first, removes this folder and returns the stored one.
 */
async function note(clusterDir: string, path: string, account: Account): Promise<string> {
  try {
    await writeFile(noteOf(clusterDir), path, { mode: 0o600, flag: 'wx' });
    return path;
  } catch {
    const noted = await readFile(noteOf(clusterDir), 'utf8');
    if (await isOurs(noted, account)) {
      await rm(path, { recursive: true, force: true });
      return noted;
    }
    await writeFile(noteOf(clusterDir), path, { mode: 0o600 });
    return path;
  }
}

/** Whether the path is a folder (not a link) that only the account of the server may enter. */
async function isOurs(path: string, { owner }: Account): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory() || (found.mode & 0o077) !== 0) return false;
  return found.uid === (owner?.uid ?? process.getuid?.());
}

/**
 * Whether a socket's path in the folder is short enough, and needs no quoting in PostgreSQL's list of socket folders.
 */
function mayHoldSocket(folder: string): boolean {
  return !/[",]/.test(folder) && Buffer.byteLength(join(folder, `${socketPrefix}65535`)) <= socketPathMax;
}
