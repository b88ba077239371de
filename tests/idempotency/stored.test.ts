import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userViewer } from '../../src/auth/viewer.ts';
import { createIdempotency, type StoredAnswer, WorkFailed } from '../../src/idempotency/idempotency.ts';
import { purgeAnswers } from '../../src/idempotency/purge-answers.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { type FullPrisma, servicePrisma } from '../../src/prisma.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { type GraphQLContext, withUnit } from '../../src/schema/context.ts';
import { startTestApp, type TestApp } from '../support/app.ts';

const answer = (body: string): StoredAnswer => ({ status: 200, body });
const transient = () => Object.assign(new Error('deadlock detected'), { code: 'P2034' });

describe('the answers of idempotency keys', () => {
  let app: TestApp;
  let prisma: FullPrisma;
  beforeAll(async () => {
    app = await startTestApp();
    prisma = servicePrisma(app.db);
  }, 120_000);
  afterAll(() => app?.stop());

  const requestOf = (key: string = randomUUID(), content: unknown = 'content', user = app.people.admin.id) => ({
    viewer: userViewer(user, 'admin'),
    key,
    content,
  });
  const idempotency = () => createIdempotency(prisma, { hours: 24, poolSize: 5 });
  const age = (key: string, hours: number) =>
    app.db.prisma.idempotencyKey.updateMany({
      where: { key },
      data: { created_at: new Date(Date.now() - hours * 3_600_000) },
    });

  it('an answer without a body is stored too', async () => {
    const request = requestOf();

    await idempotency().run(request, async () => ({ status: 204, body: null }));
    const second = await idempotency().run(request, async () => answer('another'));

    expect(second).toEqual({ answer: { status: 204, body: null }, isReplayed: true });
  });

  it('after 24 hours the same request takes effect again, and its new answer is stored', async () => {
    const request = requestOf();
    await idempotency().run(request, async () => answer('1'));
    await age(request.key, 23.9);
    const replayed = await idempotency().run(request, async () => answer('2'));
    await age(request.key, 24.1);

    const again = await idempotency().run(request, async () => answer('3'));
    const last = await idempotency().run(request, async () => answer('4'));

    expect([replayed, again, last].map((one) => one.answer.body)).toEqual(['1', '3', '3']);
    expect(again.isReplayed).toBe(false);
  });

  it('after 24 hours another request may use the key', async () => {
    const request = requestOf();
    await idempotency().run(request, async () => answer('1'));
    await age(request.key, 25);

    const other = await idempotency().run({ ...request, content: 'another' }, async () => answer('2'));

    expect(other.answer.body).toBe('2');
  });

  it('while the work runs, an equal request is refused', async () => {
    const request = requestOf();
    const [begun, end] = [promiseWithResolvers<void>(), promiseWithResolvers<void>()];
    const first = idempotency().run(request, async () => {
      begun.resolve();
      await end.promise;
      return answer('1');
    });
    await begun.promise;

    const second = idempotency().run(request, async () => answer('2'));

    await expect(second).rejects.toMatchObject({ code: 'REQUEST_IN_PROGRESS' });
    end.resolve();
    await expect(first).resolves.toMatchObject({ isReplayed: false });
  });

  it.each([
    ['an error', () => transient()],
    ['an error in its result', () => new WorkFailed('result', [new Error('a cause'), transient()])],
  ])('work that fails once with a deadlock, as %s, runs again', async (_what, failure) => {
    let tries = 0;

    const result = await idempotency().run(requestOf(), async (unit) => {
      tries += 1;
      await unit.prisma.user.create({ data: { id: randomUUID(), first_name: `${_what} ${tries}` } });
      if (tries === 1) throw failure();
      return answer('1');
    });

    expect(result).toEqual({ answer: answer('1'), isReplayed: false });
    const stored = await app.db.prisma.user.findMany({ where: { first_name: { startsWith: `${_what} ` } } });
    expect(stored.map(({ first_name }) => first_name)).toEqual([`${_what} 2`]);
  });

  it('an answer that was stored after the request looked for it is returned, and the work is rolled back', async () => {
    const request = requestOf();
    const id = randomUUID();
    const other = { status: 200, answer: 'of the other request', request: Buffer.alloc(0) };
    let tries = 0;

    const result = idempotency().run(request, async (unit) => {
      tries += 1;
      await unit.prisma.user.create({ data: { id } });
      await app.db.prisma.idempotencyKey.create({ data: { user_id: request.viewer.id, key: request.key, ...other } });
      return answer('1');
    });

    // The other answer belongs to another request.
    await expect(result).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(tries).toBe(1);
    expect(await app.db.prisma.user.count({ where: { id } })).toBe(0);
  });

  it('what failed is not stored: the key is free', async () => {
    const request = requestOf();
    const failed = idempotency().run(request, async () => Promise.reject(new Error('changed my mind')));
    await expect(failed).rejects.toThrow('changed my mind');

    const second = await idempotency().run({ ...request, content: 'another' }, async () => answer('2'));

    expect(second.isReplayed).toBe(false);
  });

  it('a write is published and the dispatcher woken after the commit, and not if the work fails', async () => {
    const published: number[] = [];
    const context: GraphQLContext = {
      ...app.contextOf(app.people.admin),
      bus: { publish: (ranges) => void published.push(ranges.length) },
    };
    const create = async (unit: Parameters<typeof withUnit>[1]) => {
      await createNotifications(withUnit(context, unit), [{ recipient: app.people.alice.id, subject: 'Hello' }]);
      return published.length;
    };
    let before: number | undefined;

    await idempotency().run(requestOf(), async (unit) => {
      before = await create(unit);
      return answer('1');
    });
    const after = published.length;
    const failing = idempotency().run(requestOf(), async (unit) => {
      await create(unit);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');

    expect([before, after, published.length]).toEqual([0, 1, 1]);
  });

  it('a purge deletes what is too old, in batches, and nothing else', async () => {
    await app.db.prisma.idempotencyKey.deleteMany();
    const keys = Array.from({ length: 7 }, () => randomUUID());
    for (const key of keys) await idempotency().run(requestOf(key), async () => answer('1'));
    for (const key of keys.slice(0, 5)) await age(key, 24.1);

    const purged = await purgeAnswers(prisma, 24, 2);

    expect(purged).toBe(5);
    const left = await app.db.prisma.idempotencyKey.findMany();
    expect(left.map(({ key }) => key).sort()).toEqual(keys.slice(5).sort());
  });

  it('the keys of a deleted user are deleted, even while a request with one is running', async () => {
    const { id } = await app.db.prisma.user.create({ data: { id: randomUUID() } });
    await idempotency().run(requestOf(randomUUID(), 'content', id), async () => answer('1'));
    const running = idempotency().run(requestOf(randomUUID(), 'content', id), async () => {
      await app.db.prisma.user.delete({ where: { id } });
      return answer('2');
    });

    await expect(running).resolves.toMatchObject({ answer: { body: '2' } });
    expect(await app.db.prisma.idempotencyKey.count({ where: { user_id: id } })).toBe(0);
  });
});
