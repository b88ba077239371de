import { spawn } from 'node:child_process';
import { chown, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { programEnvironment } from '../../program-environment.ts';
import { EmbeddedError } from './error.ts';

/** The system account that PostgreSQL's programs run as; they refuse to run as root. */
export interface Account {
  readonly name: string;
  /** Words to put before the program on the command line. */
  readonly prefix: readonly string[];
  /** The user and group to run as; undefined: those of the service. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

/** The result of running a program to its end. */
export interface Outcome {
  readonly isOk: boolean;
  /** The program's standard output and standard error. */
  readonly output: string;
}

const asIs: Account = { name: 'the user of the service', prefix: [], owner: undefined };

// The process is root outside the namespace and an ordinary user inside it. So files belong to root, no other user is
// needed, and folders that only root may enter are accessible.
const userNamespace: Account = {
  name: 'a user namespace',
  prefix: ['unshare', '--user', '--map-user=1000', '--map-group=1000'],
  owner: undefined,
};

/**
 * Chooses the account that PostgreSQL runs as. This is the user of the service; if that is root, it is the first
 * candidate that can access both the data folder and the program. If the folder of the cluster exists, the only
 * candidate is its owner, unless that is root. Otherwise the candidates are a user namespace, the owners of the folders
 * above (only the owner can enter a home directory of mode 0700), and the system users `postgres` and `nobody`.
 * @throws EmbeddedError when no candidate can access both.
 */
export async function chooseAccount(dataDir: string, clusterDir: string, program: string): Promise<Account> {
  if (process.getuid?.() !== 0) return asIs;
  const existingOwner = await ownerOf(clusterDir);
  const candidates =
    existingOwner !== undefined && existingOwner.uid !== 0
      ? [asOwner(existingOwner)]
      : [userNamespace, ...(await ownersAbove(dataDir, program)), ...(await systemUsers())];
  const failures: string[] = [];
  for (const account of candidates) {
    // `sh` checks the folder and then executes the program, which also fails if the account cannot access or run it.
    const { isOk, output } = await runProgram(account, 'sh', [
      '-c',
      'test -x "$0" && exec "$1" --version',
      dataDir,
      program,
    ]);
    if (isOk) return account;
    failures.push(`${account.name}: ${output.trim() || `cannot enter ${dataDir}`}`);
  }
  throw new EmbeddedError(
    `PostgreSQL refuses to run as root, and it cannot run as another user here:\n  ${failures.join('\n  ')}\n` +
      'Start the service as an ordinary user.',
  );
}

/** Runs a program to its end, or until the signal is aborted or this process ends; never throws. */
export function runProgram(
  account: Account,
  program: string,
  programArguments: readonly string[],
  signal?: AbortSignal,
): Promise<Outcome> {
  const [file, ...rest] = [...account.prefix, program, ...programArguments] as [string, ...string[]];
  return new Promise((resolve) => {
    const child = spawn(file, rest, {
      ...account.owner,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
      env: programEnvironment(),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    // The child leads a process group that includes the programs it starts, so signals are sent to the group.
    const terminate = () => endGroup(child.pid, 'SIGTERM');
    const kill = () => endGroup(child.pid, 'SIGKILL');
    signal?.addEventListener('abort', terminate);
    if (signal?.aborted) terminate();
    process.once('exit', kill);
    const end = (outcome: Outcome) => {
      signal?.removeEventListener('abort', terminate);
      process.off('exit', kill);
      resolve(outcome);
    };
    child.once('error', (error) => end({ isOk: false, output: error.message }));
    child.once('close', (code) => end({ isOk: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}

function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // The process has already ended.
  }
}

/** Gives a file or folder to the account. */
export async function giveTo(account: Account, path: string): Promise<void> {
  if (account.owner !== undefined) await chown(path, account.owner.uid, account.owner.gid);
}

type Owner = NonNullable<Account['owner']>;

const asOwner = (owner: Owner): Account => ({ name: `user ${owner.uid}`, prefix: [], owner });

async function ownerOf(path: string): Promise<Owner | undefined> {
  return stat(path).then(
    ({ uid, gid }) => ({ uid, gid }),
    () => undefined,
  );
}

async function ownersAbove(...paths: readonly string[]): Promise<Account[]> {
  const owners = new Map<number, Owner>();
  for (const path of paths) {
    for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
      const owner = await ownerOf(folder);
      if (owner !== undefined && owner.uid !== 0) owners.set(owner.uid, owner);
    }
  }
  return [...owners.values()].map(asOwner);
}

async function systemUsers(): Promise<Account[]> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  return ['postgres', 'nobody'].flatMap((name) => {
    const line = lines.find(([user]) => user === name);
    return line === undefined ? [] : [{ ...asOwner({ uid: Number(line[2]), gid: Number(line[3]) }), name }];
  });
}
