import { describe, expect, it } from '@jest/globals';
import { createCachedRead } from '../../src/auth/signed/cached-read.ts';

/** Reads that end when the test ends them. */
function aStage() {
  const reads: ((result: string | Error) => void)[] = [];
  const waits: number[] = [];
  const clock = { ms: 0 };
  const cached = createCachedRead(
    () =>
      new Promise<string>((resolve, reject) => {
        reads.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
      }),
    () => new Date(clock.ms),
    async (ms) => waits.push(ms),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { ...cached, reads, waits, clock, turn };
}

describe('a cached read', () => {
  it('is repeated only when it is older than wanted', async () => {
    const { recent, reads, clock, turn } = aStage();
    const first = recent(100);
    await turn();
    reads[0]?.('one');
    expect(await first).toBe('one');

    clock.ms = 99;
    expect(await recent(100)).toBe('one');
    clock.ms = 100;
    const second = recent(100);
    await turn();
    reads[1]?.('two');

    expect(await second).toBe('two');
  });

  it('calls for a fresh one share the read after the one that is running', async () => {
    const { fresh, reads, turn } = aStage();
    const first = fresh();
    await turn();
    const [second, third] = [fresh(), fresh()];
    await turn();
    expect(reads).toHaveLength(1);

    reads[0]?.('one');
    await turn();
    reads[1]?.('two');

    expect(await Promise.all([first, second, third])).toEqual(['one', 'two', 'two']);
    expect(reads).toHaveLength(2);
  });

  it('waits until the last read is long enough ago', async () => {
    const { fresh, reads, waits, clock, turn } = aStage();
    const first = fresh(50);
    await turn();
    reads[0]?.('one');
    await first;

    clock.ms = 20;
    const second = fresh(50);
    await turn();
    reads[1]?.('two');
    await second;
    clock.ms = 90;
    const third = fresh(50);
    await turn();
    reads[2]?.('three');

    expect(await third).toBe('three');
    expect(waits).toEqual([30]);
  });

  it('that fails is not kept', async () => {
    const { recent, reads, turn } = aStage();
    const first = recent(100);
    await turn();
    reads[0]?.(new Error('no database'));
    await expect(first).rejects.toThrow('no database');

    const second = recent(100);
    await turn();
    reads[1]?.('two');

    expect(await second).toBe('two');
  });

  it('that was running when it was invalidated is not kept', async () => {
    const { recent, invalidate, reads, turn } = aStage();
    const first = recent(100);
    await turn();
    invalidate();
    const second = recent(100);
    await turn();
    reads[1]?.('new');
    reads[0]?.('old');

    expect(await Promise.all([first, second, recent(100)])).toEqual(['old', 'new', 'new']);
  });
});
