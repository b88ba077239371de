import { describe, expect, it } from '@jest/globals';
import { promiseWithResolvers } from '../../src/promises.ts';
import { mintUserToken } from '../../src/tokens/mint-user-token.ts';
import { useTestApp } from '../support/app.ts';
import { aClient, isLive, type Transport, until } from './stage.ts';

describe.each<Transport>(['websocket', 'sse'])('the client with tokens from a function, over %s', (transport) => {
  const app = useTestApp();

  it('asks for a new token when the old one has expired, and misses nothing', async () => {
    const user = promiseWithResolvers<string>();
    const backOff = { firstMs: 10, mostMs: 100 };
    const tokens: string[] = [];
    const token = async () => {
      const input = { user: await user.promise, expires_in: 2 };
      const minted = await mintUserToken(app().contextOf(app().people.admin), input);
      tokens.push(minted.token);
      return minted.token;
    };
    const { inbox, person, write } = await aClient(app(), transport, { token, backOff });
    user.resolve(person.id);
    await until(inbox, isLive);
    // One for the page and one for the stream.
    const asked = tokens.length;

    await write(['before']);
    await until(inbox, ({ items }) => items.length === 1);
    await until(inbox, ({ status }) => status !== 'live');
    await write(['between']);
    await until(inbox, (view) => isLive(view) && view.items.length === 2);

    expect(tokens.length).toBeGreaterThan(asked);
    expect(inbox.current().items.map(({ subject }) => subject)).toEqual(['between', 'before']);
  });

  it('stops when the function returns the refused token again', async () => {
    let asked = 0;
    const token = () => {
      asked += 1;
      return 'nobody';
    };

    const { inbox } = await aClient(app(), transport, { token, backOff: { firstMs: 10, mostMs: 100 } });

    await until(inbox, ({ status }) => status === 'refused');
    expect(asked).toBe(2);
  });
});
