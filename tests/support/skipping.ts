// Skips tests that need rights that a machine may refuse, such as another user or a namespace.
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { it } from '@jest/globals';

const run = promisify(execFile);
const manifest = fileURLToPath(new URL('../../package.json', import.meta.url));

/** The id of a user and group that exist nowhere else in the tests. */
export const nobody = 65_534;
/** The prefix with which root runs a command as the user `nobody`. */
export const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] as const;

/** Returns `it`, or a function that skips the test and adds the reason to its name. */
export const unless =
  (reason: string | undefined) =>
  (name: string, work: () => Promise<void>): void =>
    reason === undefined ? it(name, work) : it.skip(`${name} (skipped: ${reason})`, work);

/** Why a command that only root may run cannot be run here; undefined if it can. */
export async function reasonAgainst(...command: readonly string[]): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root';
  const [file = '', ...rest] = command;
  return run(file, rest).then(
    () => undefined,
    () => `"${command.join(' ')}" fails`,
  );
}

/** Why the user `nobody` cannot use Node, this repository or the folder of temporary files; undefined if it can. */
export function reasonAgainstNobody(): Promise<string | undefined> {
  return reasonAgainst(...asNobody, 'test', '-r', manifest, '-a', '-x', process.execPath, '-a', '-x', tmpdir());
}
