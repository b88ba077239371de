import { mkdir, open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StartError } from './start-error.ts';
import type { SeededAdmin } from './users/first-admin.ts';

/** The file in the data folder that gets the secrets of the first admin where there is no terminal. */
export const secretsFile = (dataDir: string) => resolve(join(dataDir, 'first-admin.env'));

/**
 * Stores what was generated for the first admin, readable only by the user of the service, in the form of a `.env` file.
 * Returns its path.
 * @throws StartError when the file cannot be written.
 */
export async function storeSecrets(dataDir: string, { email, password, token }: SeededAdmin): Promise<string> {
  const path = secretsFile(dataDir);
  const text = [
    '# The admin that the first start made. Keep this elsewhere, then delete the file.',
    `ADMIN_EMAIL=${email}`,
    ...(password === undefined ? [] : [`ADMIN_PASSWORD=${password}`]),
    ...(token === undefined ? [] : [`ADMIN_TOKEN=${token}`]),
  ];
  try {
    await mkdir(dataDir, { recursive: true });
    // Removes a link, or the file of a start that failed to create the admin: only a new file surely gets the mode.
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
      `DATA_DIR: what was generated for the first admin cannot be stored in ${path}: ${(error as Error).message}; set ADMIN_TOKEN and ADMIN_PASSWORD.`,
      { cause: error },
    );
  }
}
