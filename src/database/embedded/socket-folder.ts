import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, giveTo } from './account.ts';
import { socketPrefix } from './cluster.ts';

/** Where the Unix socket of a cluster lies. */
export interface SocketFolder {
  /** undefined: there is none, and TCP alone. */
  readonly path: string | undefined;
  /** Removes it, when it is not the cluster's own; the server must be gone. */
  remove(): Promise<void>;
}

/** In bytes; the least that the systems allow. */
const socketPathMax = 103;
/** The file in the cluster's folder that names the folder of its socket when that is elsewhere. */
const noteOf = (home: string) => join(home, 'socket-folder');

/**
 * The cluster's own folder, or where its path is too long for a socket, a short one in the system's folder for
 * temporary files, which only the owner may enter. It is noted in the cluster's folder, so that after a kill the next
 * start takes the same again; one that is meanwhile somebody else's is left alone.
 */
export async function chooseSocketFolder(home: string, account: Account): Promise<SocketFolder> {
  if (process.platform === 'win32') return { path: undefined, remove: async () => undefined };
  if (mayHoldSocket(home)) return { path: home, remove: async () => undefined };
  const noted = await readFile(noteOf(home), 'utf8').catch(() => undefined);
  const path = noted !== undefined && (await isOurs(noted, account)) ? noted : await make(home, account);
  return {
    path,
    async remove() {
      if (path === undefined || !(await isOurs(path, account))) return;
      await rm(path, { recursive: true, force: true });
      await rm(noteOf(home), { force: true });
    },
  };
}

async function make(home: string, account: Account): Promise<string | undefined> {
  const parent = [tmpdir(), '/tmp'].find((folder) => mayHoldSocket(join(folder, 'tidings-123456')));
  if (parent === undefined) return undefined;
  try {
    // Of mode 0700, with a name that nobody can have taken before.
    const path = await mkdtemp(join(parent, 'tidings-'));
    await giveTo(account, path);
    return await note(home, path, account);
  } catch {
    // TCP will do.
    return undefined;
  }
}

/** Notes the folder; the answer is that of another service which was faster, if there is one. */
async function note(home: string, path: string, account: Account): Promise<string> {
  try {
    await writeFile(noteOf(home), path, { mode: 0o600, flag: 'wx' });
    return path;
  } catch {
    const noted = await readFile(noteOf(home), 'utf8');
    if (await isOurs(noted, account)) {
      await rm(path, { recursive: true, force: true });
      return noted;
    }
    await writeFile(noteOf(home), path, { mode: 0o600 });
    return path;
  }
}

/** Whether it is a folder, no link to one, that nobody may enter but us and whom the server runs as. */
async function isOurs(path: string, { owner }: Account): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isDirectory() || (found.mode & 0o077) !== 0) return false;
  return found.uid === (owner?.uid ?? process.getuid?.());
}

/** Whether the path of a socket in the folder is short enough, and says the same in a list of folders. */
function mayHoldSocket(folder: string): boolean {
  return !/[",]/.test(folder) && Buffer.byteLength(join(folder, `${socketPrefix}65535`)) <= socketPathMax;
}
