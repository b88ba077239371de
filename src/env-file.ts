import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Adds the variables of the file `.env` in the working directory to the environment of this process. Variables that are
 * already set keep their values. Returns the path of the file, or undefined if there is none.
 * @throws StartError when the file cannot be read.
 */
export function loadEnvFile(folder: string = process.cwd()): string | undefined {
  const path = resolve(folder, '.env');
  if (!existsSync(path)) return undefined;
  try {
    process.loadEnvFile(path);
    return path;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new StartError(`The file ${path} cannot be read: ${code ?? message}.`, { cause: error });
  }
}
