import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { createKeySet } from '../../src/auth/signed/key-set.ts';
import { promiseWithResolvers } from '../../src/promises.ts';

/** An address that publishes keys by id, and a key set that fetches them. */
async function aPublisher(...ids: readonly string[]) {
  const { publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const toKeys = (kids: readonly string[]): JWK[] => kids.map((kid) => ({ ...jwk, kid }));
  const clock = { ms: Date.now() };
  const failures: unknown[] = [];
  let published = toKeys(ids);
  let held: Promise<void> | undefined;
  let fetches = 0;
  const find = createKeySet({
    async fetchKeys() {
      fetches += 1;
      // What is published when the fetch begins.
      const keys = published;
      await held;
      return keys;
    },
    now: () => new Date(clock.ms),
    onFailed: (error) => failures.push(error),
  });
  return {
    clock,
    fetches: () => fetches,
    failures,
    publish(...kids: readonly string[]) {
      published = toKeys(kids);
    },
    /** Delays the answers to fetches until the returned function is called, with an error if they fail. */
    hold() {
      const { promise, resolve, reject } = promiseWithResolvers<void>();
      held = promise;
      return (error?: Error) => {
        held = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
    },
    has: async (kid: string) => (await find({ kid, alg: 'ES256' })) !== undefined,
  };
}

describe('the keys at an address', () => {
  it('a key that is published while a fetch is running is found by all who ask for it meanwhile', async () => {
    const { publish, hold, has, clock } = await aPublisher('old');
    expect(await has('old')).toBe(true);
    clock.ms += 60_000;
    const release = hold();
    const first = has('old');
    publish('old', 'new');
    clock.ms += 1;
    const others = [has('new'), has('new'), has('new')];

    release();

    expect(await first).toBe(true);
    expect(await Promise.all(others)).toEqual([true, true, true]);
  });

  it('tokens of a removed key cause no fetch, so that the next new key is found immediately', async () => {
    const { publish, has, clock, fetches } = await aPublisher('old', 'new');
    expect(await has('old')).toBe(true);
    publish('new');
    clock.ms += 60_000;
    expect(await has('old')).toBe(false);
    clock.ms += 1_000;
    expect(await has('old')).toBe(false);
    expect(fetches()).toBe(2);

    publish('new', 'newest');

    expect(await has('newest')).toBe(true);
    expect(await has('old')).toBe(false);
    expect(fetches()).toBe(3);
  });

  it('a removed key that is published again is found with the next regular fetch', async () => {
    const { publish, has, clock } = await aPublisher('one', 'two');
    expect(await has('one')).toBe(true);
    publish('two');
    clock.ms += 60_000;
    expect(await has('one')).toBe(false);

    publish('one', 'two');
    clock.ms += 60_000;

    expect(await has('one')).toBe(true);
  });

  it('requests with known keys do not wait for an address that is slow', async () => {
    const { hold, has, clock, fetches, failures } = await aPublisher('known');
    expect(await has('known')).toBe(true);
    const release = hold();

    clock.ms += 35_000;
    expect(await has('known')).toBe(true);
    expect(fetches()).toBe(2);
    clock.ms += 20_000;
    const late = has('known');
    release(new Error('too slow'));
    expect(await late).toBe(true);
    expect(failures).toHaveLength(1);

    hold();
    clock.ms += 20_000;
    expect(await has('known')).toBe(true);
    expect(fetches()).toBe(3);
  });

  it('unknown keys cause one fetch a minute', async () => {
    const { has, clock, fetches } = await aPublisher('known');
    expect(await has('known')).toBe(true);

    for (const guess of ['a', 'b', 'c']) expect(await has(guess)).toBe(false);
    clock.ms += 20_000;
    expect(await has('d')).toBe(false);

    expect(fetches()).toBe(2);
  });
});
