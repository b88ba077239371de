import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createTurns } from '../../src/idempotency/turns.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { useTestApp } from '../support/app.ts';
import { send } from '../support/client.ts';
import { duringOpenTransaction } from '../support/locks.ts';

describe('the turns of users', () => {
  it('the work of one user beyond the limit waits, in its order, also after a failure', async () => {
    const turns = createTurns(1);
    const first = promiseWithResolvers<void>();
    const begun: string[] = [];
    const run = (name: string, work: () => Promise<void>) =>
      turns.run('alice', async () => {
        begun.push(name);
        await work();
      });

    const failing = run('first', () => first.promise);
    const others = [run('second', async () => undefined), run('third', async () => undefined)];
    const begunAtOnce = [...begun];
    first.reject(new Error('changed my mind'));
    await expect(failing).rejects.toThrow('changed my mind');
    await Promise.all(others);

    expect(begunAtOnce).toEqual(['first']);
    expect(begun).toEqual(['first', 'second', 'third']);
  });

  it('the work of another user does not wait', async () => {
    const turns = createTurns(1);
    const end = promiseWithResolvers<void>();
    const running = turns.run('alice', () => end.promise);

    await expect(turns.run('bob', async () => 'done')).resolves.toBe('done');

    end.resolve();
    await running;
  });
});

describe('requests with keys that take long', () => {
  // One connection for the open transaction of the test, two for the requests with keys, and one for others.
  const app = useTestApp({ DATABASE_POOL_SIZE: '4' });

  it('those of one user leave connections to others', async () => {
    const { admin, alice, bob } = app().people;
    const create = () =>
      send(app(), '/notifications', {
        as: admin,
        body: { recipient: alice.id, subject: 'Hello' },
        headers: { 'idempotency-key': randomUUID() },
      });
    await create();
    let meanwhile: number | undefined;

    const replies = await duringOpenTransaction(
      app().db,
      (transaction) =>
        transaction.query({ text: 'select from inboxes where recipient_id = $1 for update', values: [alice.id] }),
      () => Promise.all([create(), create(), create(), create()]),
      async () => {
        meanwhile = (await send(app(), '/notifications', { as: bob })).status;
      },
    );

    expect(replies).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }, { status: 200 }]);
    expect(meanwhile).toBe(200);
  });
});
