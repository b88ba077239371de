import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

const app = useTestApp();
const eraseMe = 'mutation { erase_user(id: "me") { user_id completed } }';

describe('erase_user', () => {
  it('ends the streams of the user, and refuses the token from then on', async () => {
    const { admin, alice, bob } = app().people;
    await createNotifications(app().contextOf(admin), [{ recipient: alice.id, sender: bob.id, subject: 'Hello' }]);
    const stream = await fetch(`${app().url}/graphql/system`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${alice.token}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ query: 'subscription { inbox_changes { kind } }' }),
    });

    const { body } = await graphql(app(), alice, eraseMe);

    expect(body.data.erase_user).toEqual({ user_id: alice.id, completed: true });
    // Settles when the stream has ended.
    await stream.text().catch(() => undefined);
    expect((await send(app(), '/users/me', { as: alice })).status).toBe(401);
  });

  it('with an idempotency key, a request only begins the erasure, and the service completes it', async () => {
    const { bob } = app().people;

    const { body } = await send(app(), '/graphql/system', {
      as: bob,
      body: { query: eraseMe },
      headers: { 'idempotency-key': 'erase-bob' },
    });

    expect(body.data.erase_user).toEqual({ user_id: bob.id, completed: false });
    expect(await app().db.prisma.userErasure.count({ where: { user_id: bob.id } })).toBe(1);
    expect((await send(app(), '/users/me', { as: bob })).status).toBe(401);
  });
});
