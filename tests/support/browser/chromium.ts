import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The variable with the path of a Chromium that tests may start. */
const variable = 'CHROMIUM_PATH';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The path of the Chromium of `CHROMIUM_PATH`, or of the installed one; null if none can be started. */
export async function findChromium(): Promise<string | null> {
  const given = process.env[variable];
  for (const path of given ? [given] : usualPlaces) {
    const isThere = await promisify(execFile)(path, ['--version'], { timeout: 20_000 }).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}
