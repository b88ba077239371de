import { mkdir, open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StartError } from './start-error.ts';
import type { SeededAdmin } from './users/first-admin.ts';

/** The path of the file for the generated secrets of the first admin. It is written if there is no terminal. */
export const secretsFile = (dataDir: string) => resolve(join(dataDir, 'first-admin.env'));

/**
 * Stores the generated secrets of the first admin in the form of a `.env` file that only the user of the service may
 * read. Returns its path.
 * @throws StartError when the file cannot be written.
 */
export async function storeSecrets(dataDir: string, { email, password, token }: SeededAdmin): Promise<string> {
  const path = secretsFile(dataDir);
  const text = [
    '# The admin that the first start created. Store these values elsewhere, then delete this file.',
    `ADMIN_EMAIL=${email}`,
    ...(password === undefined ? [] : [`ADMIN_PASSWORD=${password}`]),
    ...(token === undefined ? [] : [`ADMIN_TOKEN=${token}`]),
  ];
  try {
    await mkdir(dataDir, { recursive: true });
    // Removes a link, or the file of a start that failed to create the admin: the mode applies to new files only.
    await rm(path, { force: true });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${text.join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  } catch (error) {
    throw new StartError(
      `DATA_DIR: the generated secrets of the first admin cannot be stored in ${path}: ${(error as Error).message}; set ADMIN_TOKEN and ADMIN_PASSWORD.`,
      { cause: error },
    );
  }
}
