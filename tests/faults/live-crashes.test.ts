import { expect, it, jest } from '@jest/globals';
import { waitUntilGone } from '../../src/database/embedded/postmaster.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { testDatabase } from '../support/database.ts';
import { aDataDir, postmasterOf, start } from '../support/embedded.ts';
import { aProxy, throughProxy } from '../support/proxy.ts';
import { afterwards } from './afterwards.ts';
import { report, scale } from './live-figures.ts';
import { inboxFaults, openInboxes } from './live-inboxes.ts';
import { startNodes } from './live-node.ts';
import { compare, figuresOf, followAll, noFaults, people } from './live-stage.ts';
import { write } from './live-writers.ts';

const writes = 200 * scale;
/** Number of writes without a response before the database is started again. */
const unansweredWhileDown = 60 * scale;

jest.setTimeout(120_000 + 60_000 * scale);

const portOf = (url: string) => Number(new URL(url).port);

it('no change is lost when one of two nodes is killed under load', async () => {
  const { url: databaseUrl, drop } = await testDatabase();
  afterwards(drop);
  const { nodes, urls } = await startNodes(2, databaseUrl);
  const [killedUrl, other] = urls as [string, string];
  const balancer = await aProxy({ port: portOf(killedUrl) });
  afterwards(balancer.close);
  const some = await people(other, 4);
  const followers = await followAll(some, 2, urls);
  const clientInboxes = await openInboxes(some.slice(0, 2), `http://127.0.0.1:${balancer.port}`);
  let killed: Promise<void> | undefined;

  const load = await write({
    name: 'killed',
    recipients: some.map(({ id }) => id),
    owners: some,
    urls,
    writes,
    onWrite({ acknowledged }) {
      if (killed || acknowledged < writes / 2) return;
      balancer.retarget(portOf(other));
      killed = nodes[0]?.kill();
    },
  });
  await killed;

  expect(await compare({ databaseUrl, url: other }, followers, load)).toEqual(noFaults);
  expect(await inboxFaults(databaseUrl, clientInboxes)).toEqual([]);
  expect(followers.filter((follower) => follower.reconnects() > 0).length).toBeGreaterThanOrEqual(some.length);
  report('a node killed', figuresOf(load, followers, clientInboxes));
});

it('no change is lost when PostgreSQL is stopped in immediate mode and restarted under load', async () => {
  const dataDir = await aDataDir();
  const before = await start(dataDir);
  const proxy = await aProxy({ port: portOf(before.url) });
  afterwards(proxy.close);
  const databaseUrl = throughProxy(before.url, proxy);
  const { urls, url } = await startNodes(2, databaseUrl);
  const some = await people(url, 4);
  const followers = await followAll(some, 2, urls);
  const clientInboxes = await openInboxes(some.slice(0, 2), url);
  const hasMissed = promiseWithResolvers<void>();
  let restarted: Promise<void> | undefined;
  let downMs = 0;

  const load = await write({
    name: 'restarted',
    recipients: some.map(({ id }) => id),
    owners: some,
    urls,
    writes,
    onWrite({ acknowledged, unanswered }) {
      if (acknowledged >= writes / 2) restarted ??= restart();
      if (unanswered >= unansweredWhileDown) hasMissed.resolve();
    },
  });
  await restarted;

  expect(await compare({ databaseUrl, url }, followers, load)).toEqual(noFaults);
  expect(await inboxFaults(databaseUrl, clientInboxes)).toEqual([]);
  report('PostgreSQL restarted', { ...figuresOf(load, followers, clientInboxes), 'down ms': downMs });

  async function restart(): Promise<void> {
    const begun = performance.now();
    const postmaster = await postmasterOf(dataDir);
    process.kill(postmaster, 'SIGQUIT');
    if (!(await waitUntilGone(postmaster, `${dataDir}/postgres/data`, 20_000)))
      throw new Error('PostgreSQL did not stop.');
    await hasMissed.promise;
    proxy.retarget(portOf((await start(dataDir)).url));
    downMs = performance.now() - begun;
  }
});
