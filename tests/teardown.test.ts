import { describe, expect, it } from '@jest/globals';
import { createTeardown } from '../src/teardown.ts';

const forever = () => new Promise<void>(() => undefined);

/** A teardown of steps that record their names when they run. */
function aTeardown(steps: readonly { readonly name: string; readonly end?: () => Promise<void> }[]) {
  const ended: string[] = [];
  const teardown = createTeardown();
  for (const { name, end } of steps) {
    teardown.add({
      name,
      share: 1 / 2,
      end() {
        ended.push(name);
        return end?.();
      },
    });
  }
  return { teardown, ended };
}

describe('a teardown', () => {
  it('a teardown ends steps in reverse order and none twice', async () => {
    const { teardown, ended } = aTeardown([{ name: 'database' }, { name: 'bus' }, { name: 'server' }]);

    await teardown.run(1_000);
    await teardown.run(1_000);

    expect(ended).toEqual(['server', 'bus', 'database']);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no')), 'The stop was not clean. bus: no.'],
    ['hangs', forever, 'The stop was not clean. bus: it took too long.'],
  ])('a teardown continues after a step that %s, and reports it', async (_what, end, message) => {
    const { teardown, ended } = aTeardown([{ name: 'database' }, { name: 'bus', end }, { name: 'server' }]);

    await expect(teardown.run(50)).rejects.toThrow(message);

    expect(ended).toEqual(['server', 'bus', 'database']);
  });
});
