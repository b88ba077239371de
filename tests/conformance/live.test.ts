import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';

const app = useTestApp();
const run = (...args: string[]) => promisify(execFile)(process.execPath, ['conformance/live.mjs', ...args]);

it('conformance:live passes all cases and deletes its users', async () => {
  const before = await app().db.prisma.user.count();

  const { stdout } = await run(app().url, app().people.admin.token);

  expect(stdout).toMatch(/^(\d+) of \1 passed$/m);
  expect(await app().db.prisma.user.count()).toBe(before);
});

it('conformance:live names failed cases and exits with 1', async () => {
  const refused = run(app().url, app().people.alice.token);

  await expect(refused).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^FAIL {2}the changes after/m),
  });
});
