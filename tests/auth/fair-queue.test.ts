import { describe, expect, it } from '@jest/globals';
import { createFairQueue, type QueueEntry } from '../../src/auth/fair-queue.ts';

/** A queue of turns. Their work ends only when the test ends it, in the order in which it started. */
function aStage(options: Partial<Parameters<typeof createFairQueue>[0]> = {}) {
  const queue = createFairQueue({ maxRunning: 1, maxQueuedPerKey: 2, maxQueued: 20, ...options });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const refused: string[] = [];
  return {
    begun,
    refused,
    /** Takes a turn; settles when its work has ended or it is refused. */
    take(name: string, turn: Partial<QueueEntry> = {}) {
      const [key = ''] = name;
      const work = () =>
        new Promise<void>((resolve) => {
          begun.push(name);
          ends.push(resolve);
        });
      return queue.run({ key, isRefusable: true, ...turn }, work).catch((error: { code?: string; name: string }) => {
        refused.push(`${name}: ${error.name === 'ServiceError' ? error.code : error.name}`);
      });
    },
    /** Ends running work until none is left. */
    async finish() {
      for (let idle = 0; idle < 10; idle += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        for (const end of ends.splice(0)) {
          idle = 0;
          end();
        }
      }
    },
  };
}

describe('fair queue', () => {
  it('turns rotate over the keys, however many turns one key has queued', async () => {
    const { take, begun, finish } = aStage({ maxQueuedPerKey: 9 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) void take(name);

    await finish();

    expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('each key runs one turn at a time, so that turns of other keys can start', async () => {
    const { take, begun } = aStage({ maxRunning: 2 });

    void take('a1');
    void take('a2');
    void take('b1');
    await new Promise((resolve) => setImmediate(resolve));

    expect(begun).toEqual(['a1', 'b1']);
  });

  it('a key with a full queue gets its newest turn refused', async () => {
    const { take, begun, refused, finish } = aStage();
    for (let index = 1; index <= 6; index += 1) void take(`a${index}`);

    await finish();

    expect(begun).toEqual(['a1', 'a2', 'a3']);
    expect(refused).toEqual(['a4', 'a5', 'a6'].map((name) => `${name}: REQUESTS_EXCEEDED`));
  });

  it('when the queue is full, the newest turn of the key with the most turns is refused', async () => {
    const { take, begun, refused, finish } = aStage({ maxQueued: 4 });
    for (const name of ['a1', 'b1', 'b2', 'c1', 'c2', 'd1', 'e1', 'f1']) void take(name);

    await finish();

    // `d1` replaces `b2`, and `e1` replaces `c2`; `f1` itself is refused, because no key has more queued than `f`.
    expect(refused.toSorted()).toEqual(['b2', 'c2', 'f1'].map((name) => `${name}: REQUESTS_EXCEEDED`));
    expect(begun).toEqual(['a1', 'b1', 'c1', 'd1', 'e1']);
  });

  it('turns that must not be refused are never refused and do not count towards the limits', async () => {
    const { take, begun, refused, finish } = aStage({ maxQueued: 1 });
    for (let index = 1; index <= 5; index += 1) void take(`a${index}`, { isRefusable: false });
    void take('b1');

    await finish();

    expect(refused).toEqual([]);
    expect(begun).toEqual(['a1', 'b1', 'a2', 'a3', 'a4', 'a5']);
  });

  it('an aborted turn leaves the queue and frees its place', async () => {
    const { take, begun, refused, finish } = aStage();
    const gone = new AbortController();
    void take('a1');
    for (const name of ['a2', 'a3']) void take(name, { signal: gone.signal });

    gone.abort();
    for (const name of ['a4', 'a5']) void take(name);
    void take('a6', { signal: gone.signal });
    await finish();

    expect(begun).toEqual(['a1', 'a4', 'a5']);
    expect(refused.toSorted()).toEqual(['a2', 'a3', 'a6'].map((name) => `${name}: AbortError`));
  });

  it('turns continue after work that fails', async () => {
    const queue = createFairQueue({ maxRunning: 1, maxQueuedPerKey: 2, maxQueued: 20 });
    const turn = { key: 'a', isRefusable: true };

    const failed = queue.run(turn, () => Promise.reject(new Error('failed')));
    const next = queue.run(turn, async () => 'done');

    await expect(failed).rejects.toThrow('failed');
    await expect(next).resolves.toBe('done');
  });
});
