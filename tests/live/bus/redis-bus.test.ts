import { afterAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { v4 as uuid } from 'uuid';
import { openRedisBus } from '../../../src/live/bus/redis-bus.ts';
import { failureOf } from '../../notifications/people.ts';
import { anIdentity } from '../../support/identity.ts';
import { onRedis, startTestRedis } from '../../support/redis.ts';
import { anEar } from './bus-stage.ts';

const log = pino({ level: 'silent' });

const redis = await startTestRedis();
afterAll(() => redis?.stop());
if (redis === null) process.stderr.write('There is no Redis: what it may refuse is skipped.\n');

(redis === null ? describe.skip : describe)('a Redis that refuses SUBSCRIBE', () => {
  const url = redis?.url ?? '';

  /** The buses of two processes; Redis refuses one of them until `allow` is called. */
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

  it('lets nobody believe that they hear every write', async () => {
    const { deaf, close } = await stage();

    expect(await failureOf(deaf.subscribe(anEar()))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await failureOf(deaf.subscribe(anEar()))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await close();
  });

  it('is asked again until it lets followers hear', async () => {
    const { deaf, other, allow, close } = await stage();
    const recipient = uuid();
    const ear = anEar();
    deaf.follow(recipient, ear);
    await failureOf(deaf.subscribe(anEar()));

    const before = ear.interruptions();
    await allow();
    await ear.until(({ interruptions }) => interruptions() > before);
    other.publish([{ recipient, from: 0, to: 1 }]);
    await ear.until(({ writes }) => writes.length > 0);

    expect(ear.writes).toEqual([[{ recipient, from: 0, to: 1 }]]);
    await close();
  });
});

(redis === null ? describe.skip : describe)('a Redis whose channels are named by the database', () => {
  it('carries the writes of a database with another identity by other channels', async () => {
    const url = redis?.url ?? '';
    const identities = [anIdentity(), anIdentity()] as const;
    const [one, other] = await Promise.all(identities.map((identity) => openRedisBus({ url, identity, log })));
    if (!one || !other) throw new Error('no buses');
    const recipient = uuid();
    const follower = anEar();
    const subscriber = anEar();
    one.follow(recipient, follower);
    await one.subscribe(subscriber);
    const before = follower.interruptions();

    // Now both have one and the same identity.
    identities[0].change(identities[1].current());
    await follower.until(({ interruptions }) => interruptions() > before);
    await one.subscribe(anEar());
    other.publish([{ recipient, from: 0, to: 1 }]);
    await Promise.all([follower, subscriber].map((ear) => ear.until(({ writes }) => writes.length > 0)));

    expect(follower.writes).toEqual([[{ recipient, from: 0, to: 1 }]]);
    expect(subscriber.writes).toEqual([[{ recipient, from: 0, to: 1, updated: [], deleted: [] }]]);
    await Promise.all([one.close(), other.close()]);
  });
});
