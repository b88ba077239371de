import { describe, expect, it } from '@jest/globals';
import { streamWork } from '../src/work-stream.ts';

const limits = { stalledMs: 30_000, stalled: () => new Error('stalled') };

describe('streamWork', () => {
  it('yields what work emits, and work goes on when the reader asks for more', async () => {
    const done: string[] = [];
    const stream = streamWork<number>(async (emit) => {
      for (const item of [1, 2]) {
        await emit(item);
        done.push(`emitted ${item}`);
      }
    }, limits);

    expect(done).toEqual([]);
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    expect(done).toEqual([]);
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    expect(done).toEqual(['emitted 1']);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(done).toEqual(['emitted 1', 'emitted 2']);
  });

  it('passes the error of work to the reader', async () => {
    const stream = streamWork<number>(async (emit) => {
      await emit(1);
      throw new Error('broken');
    }, limits);

    await stream.next();
    await expect(stream.next()).rejects.toThrow('broken');
  });

  it('a reader that stops ends work before its stream is over', async () => {
    let ended: unknown;
    const stream = streamWork<number>(async (emit) => {
      try {
        for (;;) await emit(1);
      } catch (error) {
        ended = error;
        throw error;
      }
    }, limits);

    for await (const item of stream) if (item === 1) break;
    expect(ended).toMatchObject({ name: 'ReaderStopped' });
  });

  it('a reader that asks for nothing too long ends work, and gets the error', async () => {
    const ended = new Promise<unknown>((resolve) => {
      const stream = streamWork<number>(
        (emit) =>
          emit(1).catch((error: unknown) => {
            resolve(error);
            throw error;
          }),
        { ...limits, stalledMs: 1 },
      );
      void stream.next();
    });

    await expect(ended).resolves.toMatchObject({ message: 'stalled' });
  });
});
