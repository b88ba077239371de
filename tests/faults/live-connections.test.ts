import { expect, it, jest } from '@jest/globals';
import { testDatabase } from '../support/database.ts';
import { aProxy, throughProxy } from '../support/proxy.ts';
import { asAdmin } from '../support/server.ts';
import { afterwards } from './afterwards.ts';
import { report, scale } from './live-figures.ts';
import { inboxFaults, openInboxes } from './live-inboxes.ts';
import { startNode, startNodes } from './live-node.ts';
import { compare, figuresOf, followAll, noFaults, people } from './live-stage.ts';
import { subscribeWide } from './live-wide.ts';
import { write } from './live-writers.ts';

const writes = 200 * scale;

jest.setTimeout(120_000 + 60_000 * scale);

async function aLiveProxy(port: number, marked?: string) {
  const proxy = await aProxy({ port, ...(marked !== undefined && { marked }) });
  afterwards(proxy.close);
  return { ...proxy, cut: proxy.cut, url: `http://127.0.0.1:${proxy.port}` };
}
const portOf = (url: string) => Number(new URL(url).port);

it('no change is lost when connections of clients are cut repeatedly and one stalls', async () => {
  const { url: databaseUrl, drop } = await testDatabase();
  afterwards(drop);
  const { url } = await startNode(databaseUrl);
  const proxies = [await aLiveProxy(portOf(url)), await aLiveProxy(portOf(url))] as const;
  const inboxProxy = await aLiveProxy(portOf(url));
  const some = await people(url, 4);
  const urls = proxies.map((proxy) => proxy.url);
  const followers = await followAll(some, 2, urls);
  const clientInboxes = await openInboxes(some.slice(0, 2), inboxProxy.url);
  const [stalling, other] = proxies;
  let cuts = 0;

  const load = await write({
    name: 'proxies',
    recipients: some.map(({ id }) => id),
    urls: [url],
    writes,
    onWrite({ acknowledged }) {
      if (acknowledged === Math.round(writes / 4)) stalling.stall();
      if (acknowledged === Math.round((3 * writes) / 4)) stalling.resume();
      if (acknowledged % 15 !== 0) return;
      const isStalled = acknowledged > writes / 4 && acknowledged < (3 * writes) / 4;
      cuts += 1;
      for (const proxy of isStalled ? [other, inboxProxy] : [...proxies, inboxProxy]) proxy.cut();
    },
  });

  expect(load.unanswered).toBe(0);
  expect(await compare({ databaseUrl, url }, followers, load)).toEqual(noFaults);
  expect(await inboxFaults(databaseUrl, clientInboxes)).toEqual([]);
  expect(Math.min(...followers.map((follower) => follower.reconnects()))).toBeGreaterThan(0);
  report('proxies to clients', { ...figuresOf(load, followers, clientInboxes), cuts });
});

it('no change is lost while two nodes are disconnected from each other, and their wide subscriptions end', async () => {
  const { url: databaseUrl, drop } = await testDatabase();
  afterwards(drop);
  const proxy = await aLiveProxy(portOf(databaseUrl), 'tidings bus');
  const { urls, url } = await startNodes(2, throughProxy(databaseUrl, proxy));
  const some = await people(url, 4);
  const followers = await followAll(some, 2, urls);
  const wide = await Promise.all(urls.map((one) => subscribeWide(one)));
  const lost: Promise<number>[] = [];

  const load = await write({
    name: 'listen',
    recipients: some.map(({ id }) => id),
    urls,
    writes,
    onWrite({ acknowledged }) {
      if (acknowledged === Math.round(writes / 2)) proxy.stall();
      if (acknowledged === Math.round((3 * writes) / 4)) {
        proxy.resume();
        proxy.cut();
      }
      if (acknowledged < writes / 2 && acknowledged % 15 === 0) lost.push(endListening());
    },
  });

  expect(load.unanswered).toBe(0);
  expect(await compare({ databaseUrl, url }, followers, load)).toEqual(noFaults);
  expect(wide.map((one) => one.ended())).toEqual(['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE']);
  const ended = (await Promise.all(lost)).reduce((sum, count) => sum + count, 0);
  expect(ended).toBeGreaterThanOrEqual(urls.length);
  report('disconnected nodes', { ...figuresOf(load, followers), 'LISTEN connections ended': ended });

  async function endListening(): Promise<number> {
    const { rowCount } = await asAdmin(databaseUrl, (client) =>
      client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'tidings bus'`,
      ),
    );
    return rowCount ?? 0;
  }
});
