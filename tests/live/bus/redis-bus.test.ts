import { afterAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { v4 as uuid } from 'uuid';
import { openRedisBus } from '../../../src/live/bus/redis-bus.ts';
import { failureOf } from '../../notifications/people.ts';
import { anIdentity } from '../../support/identity.ts';
import { onRedis, startTestRedis } from '../../support/redis.ts';
import { aTestListener } from './bus-stage.ts';

const log = pino({ level: 'silent' });

const redis = await startTestRedis();
afterAll(() => redis?.stop());
if (redis === null) process.stderr.write('There is no Redis: the tests of denied and separate channels are skipped.\n');

(redis === null ? describe.skip : describe)('a Redis that refuses SUBSCRIBE', () => {
  const url = redis?.url ?? '';

  /** The buses of two processes; Redis denies one of them until `allow` is called. */
  async function stage() {
    const user = `deaf-${uuid()}`;
    await onRedis(url, (admin) => admin.acl('SETUSER', user, 'on', 'nopass', '~*', '&*', '+@all', '-subscribe'));
    const address = new URL(url);
    address.username = user;
    address.password = 'any';
    const identity = anIdentity();
    const deaf = await openRedisBus({ url: address.href, identity, log, beatMs: 100 });
    const other = await openRedisBus({ url, identity, log });
    return {
      deaf,
      other,
      allow: () => onRedis(url, (admin) => admin.acl('SETUSER', user, '+subscribe')),
      async close() {
        await Promise.all([deaf.close(), other.close()]);
        await onRedis(url, (admin) => admin.acl('DELUSER', user));
      },
    };
  }

  it('the Redis bus refuses subscriptions to all writes while Redis denies the channel', async () => {
    const { deaf, close } = await stage();

    expect(await failureOf(deaf.subscribe(aTestListener()))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await failureOf(deaf.subscribe(aTestListener()))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await close();
  });

  it('the Redis bus retries a denied channel until Redis allows it', async () => {
    const { deaf, other, allow, close } = await stage();
    const recipient = uuid();
    const listener = aTestListener();
    deaf.follow(recipient, listener);
    await failureOf(deaf.subscribe(aTestListener()));

    const before = listener.interruptions();
    await allow();
    await listener.until(({ interruptions }) => interruptions() > before);
    other.publish([{ recipient, from: 0, to: 1 }]);
    await listener.until(({ writes }) => writes.length > 0);

    expect(listener.writes).toEqual([[{ recipient, from: 0, to: 1 }]]);
    await close();
  });
});

(redis === null ? describe.skip : describe)('a Redis whose channels are named by the database', () => {
  it('the Redis bus uses other channels for a database with another identity', async () => {
    const url = redis?.url ?? '';
    const identities = [anIdentity(), anIdentity()] as const;
    const [one, other] = await Promise.all(identities.map((identity) => openRedisBus({ url, identity, log })));
    if (!one || !other) throw new Error('no buses');
    const recipient = uuid();
    const follower = aTestListener();
    const subscriber = aTestListener();
    one.follow(recipient, follower);
    await one.subscribe(subscriber);
    const before = follower.interruptions();

    // Both have the same identity again.
    identities[0].change(identities[1].current());
    await follower.until(({ interruptions }) => interruptions() > before);
    await one.subscribe(aTestListener());
    other.publish([{ recipient, from: 0, to: 1 }]);
    await Promise.all([follower, subscriber].map((listener) => listener.until(({ writes }) => writes.length > 0)));

    expect(follower.writes).toEqual([[{ recipient, from: 0, to: 1 }]]);
    expect(subscriber.writes).toEqual([[{ recipient, from: 0, to: 1, updated: [], deleted: [] }]]);
    await Promise.all([one.close(), other.close()]);
  });
});
