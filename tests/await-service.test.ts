import { afterEach, describe, expect, it } from '@jest/globals';
import type { WaitOptions } from '../src/await-service.ts';
import { awaitDatabase, hostOf } from '../src/database/await-database.ts';
import { awaitRedis } from '../src/live/bus/await-redis.ts';
import { StartError } from '../src/start-error.ts';
import { createDatabase, testServer } from './support/database.ts';
import { aFreePort, aSilentPort } from './support/ports.ts';
import { aProxy, throughProxy } from './support/proxy.ts';
import { onRedis, startTestRedis } from './support/redis.ts';
import { asAdmin } from './support/server.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

/** The timeout and log of a wait; `logged` has the logged messages. */
function aWait(timeoutMs: number, onLogged: () => void = () => undefined) {
  const logged: { readonly variable?: string; readonly reason?: string; readonly message: string }[] = [];
  const say = (fields: object, message: string) => {
    logged.push({ ...fields, message });
    onLogged();
  };
  // The wait uses only these two methods of a logger.
  const options: WaitOptions = { timeoutMs, log: { warn: say, info: say } as WaitOptions['log'] };
  return { logged, options };
}

/** The message of the error that the start fails with. */
async function refusalOf(waiting: Promise<void>): Promise<string> {
  const error: unknown = await waiting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
}

const adminUrl = () => new URL(testServer().adminUrl);
const { options: longWait } = aWait(60_000);

describe('the wait for a database', () => {
  it('a start continues immediately if the database is available', async () => {
    const { logged, options } = aWait(60_000);

    await awaitDatabase(adminUrl().href, options);

    expect(logged).toEqual([]);
  });

  it('a start waiting for a database logs which one, without its password, and continues when it responds', async () => {
    const port = await aFreePort();
    const url = throughProxy(adminUrl().href, { port });
    const { logged, options } = aWait(60_000, () => {
      if (logged.length > 1) return;
      const proxy = aProxy({ port: Number(adminUrl().port), listenPort: port });
      cleanUps.push(async () => (await proxy).close());
    });

    await awaitDatabase(url, options);

    const where = `the database at 127.0.0.1:${port}`;
    expect(logged).toEqual([
      expect.objectContaining({ variable: 'DATABASE_URL', reason: expect.stringContaining('ECONNREFUSED') }),
      expect.objectContaining({ message: `${where} answers` }),
    ]);
    expect(logged[0]?.message).toBe(`waiting for ${where}`);
    expect(JSON.stringify(logged)).not.toContain(adminUrl().password);
  });

  it('waiting for a silent server ends at the timeout', async () => {
    const { port, close } = await aSilentPort();
    cleanUps.push(close);

    const refusal = await refusalOf(awaitDatabase(`postgresql://u:secret@127.0.0.1:${port}/x`, aWait(500).options));

    expect(refusal).toBe(
      `DATABASE_URL: the database at 127.0.0.1:${port} could not be reached within 500 ms: timeout expired.`,
    );
  });

  it('with a timeout of 0, a start does not wait for a database', async () => {
    const port = await aFreePort();

    const refusal = await refusalOf(awaitDatabase(`postgresql://127.0.0.1:${port}/x`, aWait(0).options));

    expect(refusal).toContain('ECONNREFUSED');
  });

  it('a start waits until a read-only database accepts writes, as after a failover', async () => {
    const { url, drop } = await createDatabase('template template0');
    cleanUps.push(drop);
    const name = new URL(url).pathname.slice(1);
    const alter = (to: string) =>
      asAdmin(adminUrl().href, (client) =>
        client.query(`alter database "${name}" set default_transaction_read_only = ${to}`),
      );
    await alter('on');
    let ended: Promise<unknown> | undefined;
    const { logged, options } = aWait(60_000, () => {
      ended ??= alter('off');
    });

    await awaitDatabase(url, options);
    await ended;

    expect(logged[0]).toMatchObject({ variable: 'DATABASE_URL', reason: 'it is read-only' });
  });

  it('waiting for a database ends when the start is aborted', async () => {
    const stop = new AbortController();
    const { options } = aWait(60_000, () => stop.abort('no more'));
    const url = `postgresql://127.0.0.1:${await aFreePort()}/x`;

    await expect(awaitDatabase(url, { ...options, signal: stop.signal })).rejects.toBe('no more');
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, 'rejects the user or the password'],
    ['a database that does not exist', { pathname: '/none' }, 'has no database with that name'],
  ])('a start does not wait for %s', async (_what, change, reason) => {
    const url = Object.assign(adminUrl(), change);

    expect(await refusalOf(awaitDatabase(url.href, longWait))).toContain(
      `the database at ${hostOf(url.href)} ${reason}: `,
    );
  });

  it.each(['LATIN1', 'SQL_ASCII'])('a start does not wait for a database with the encoding %s', async (encoding) => {
    const { url, drop } = await createDatabase(
      `template template0 encoding '${encoding}' locale 'C' locale_provider 'libc'`,
    );
    cleanUps.push(drop);

    expect(await refusalOf(awaitDatabase(url, longWait))).toContain(
      `has the encoding ${encoding}, and must have UTF8.`,
    );
  });

  it.each([
    ['postgresql://u:p@db.example.com/x', 'db.example.com:5432'],
    ['postgresql://u:p@db:6000/x', 'db:6000'],
    ['postgresql://u:p@localhost/x?host=/run/postgresql', '/run/postgresql'],
  ])('the address %s is logged as %s', (url, host) => {
    expect(hostOf(url)).toBe(host);
  });
});

describe('the wait for Redis', () => {
  it('waiting for a silent server ends at the timeout', async () => {
    const { port, close } = await aSilentPort();
    cleanUps.push(close);
    const { logged, options } = aWait(500);

    const refusal = await refusalOf(awaitRedis(`redis://u:secret@127.0.0.1:${port}`, options));

    expect(refusal).toContain(`EVENT_BUS: the Redis at 127.0.0.1:${port} could not be reached within 500 ms: `);
    expect(refusal + JSON.stringify(logged)).not.toContain('secret');
  });

  it('waiting for an unreachable Redis ends at the timeout', async () => {
    const port = await aFreePort();

    const refusal = await refusalOf(awaitRedis(`redis://127.0.0.1:${port}`, aWait(500).options));

    expect(refusal).toContain('ECONNREFUSED');
  });

  it('a start does not wait after a wrong Redis password', async () => {
    const redis = await startTestRedis();
    if (redis === null) return;
    cleanUps.push(redis.stop);
    await onRedis(redis.url, (client) => client.call('acl', 'setuser', 'd', 'on', '>right', '+@all', '~*', '&*'));
    const url = Object.assign(new URL(redis.url), { username: 'd', password: 'wrong' });

    expect(await refusalOf(awaitRedis(url.href, longWait))).toContain('refuses the service: WRONGPASS');
    url.password = 'right';
    await awaitRedis(url.href, longWait);
  });
});
