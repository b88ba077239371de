import { describe, expect, it } from '@jest/globals';
import { createBoundedQueue } from '../../../src/live/events/bounded-queue.ts';

describe('a bounded queue', () => {
  const aQueue = (bound = 2) => {
    const ends: string[] = [];
    const queue = createBoundedQueue<number>({
      bound,
      overflow: () => new Error('too slow'),
      onEnd: () => ends.push('ended'),
    });
    return { queue, ends };
  };

  it('a bounded queue yields items in order, both buffered and awaited ones', async () => {
    const { queue } = aQueue();

    queue.push(1);
    queue.push(2);
    const waited = [await queue.next(), await queue.next()];
    const awaited = queue.next();
    queue.push(3);

    expect([...waited, await awaited].map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('a bounded queue discards the buffer and fails the reader when too many items are buffered', async () => {
    const { queue, ends } = aQueue(2);

    for (const item of [1, 2, 3, 4]) queue.push(item);

    await expect(queue.next()).rejects.toThrow('too slow');
    await expect(queue.next()).resolves.toEqual({ done: true, value: undefined });
    expect(ends).toEqual(['ended']);
  });

  it('a bounded queue discards the buffer when its weight exceeds the limit, counting only buffered items', async () => {
    const overflow = () => new Error('too slow');
    const queue = createBoundedQueue<number>({ bound: 100, load: 10, weigh: Number, overflow, onEnd: () => undefined });

    for (const item of [8, 8, 8]) {
      queue.push(item);
      await expect(queue.next()).resolves.toEqual({ done: false, value: item });
    }
    queue.push(8);
    queue.push(3);

    await expect(queue.next()).rejects.toThrow('too slow');
  });

  it('a bounded queue yields buffered items before the error that ends the queue', async () => {
    const { queue } = aQueue();

    queue.push(1);
    queue.fail(new Error('the writer failed'));

    await expect(queue.next()).resolves.toEqual({ done: false, value: 1 });
    await expect(queue.next()).rejects.toThrow('the writer failed');
  });

  it('a bounded queue calls onEnd once when the reader stops', async () => {
    const { queue, ends } = aQueue();
    const pending = queue.next();

    await queue.return();
    await queue.return();
    queue.push(1);

    await expect(pending).resolves.toEqual({ done: true, value: undefined });
    expect(ends).toEqual(['ended']);
  });
});
