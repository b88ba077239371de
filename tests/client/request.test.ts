import { describe, expect, it } from '@jest/globals';
import { createAsk, InboxError, isRefusal } from '../../packages/client/src/request.ts';
import { useTestApp } from '../support/app.ts';

describe('createAsk', () => {
  const app = useTestApp();

  it('sends an operation with the token of the moment', async () => {
    const { alice } = app().people;
    const tokens = [alice.token, 'unknown'];
    const ask = createAsk({ url: `${app().url}/graphql/system`, token: () => tokens.shift() ?? '' });

    const query = 'query ($id: ID!) { viewer { user { id } } users_by_id(id: $id) { id } }';
    expect(await ask(query, { id: alice.id })).toEqual({
      viewer: { user: { id: alice.id } },
      users_by_id: { id: alice.id },
    });
    const error = await ask(query, { id: alice.id }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InboxError);
    expect(error instanceof InboxError && isRefusal(error)).toBe(true);
  });

  it('an unreachable service and an aborted request are errors', async () => {
    const ask = createAsk({ url: 'http://127.0.0.1:1/graphql/system', token: 'any' });

    await expect(ask('{ viewer { role } }')).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(ask('{ viewer { role } }', {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'NETWORK' });
  });
});
