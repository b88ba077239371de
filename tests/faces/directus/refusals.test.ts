import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { graphql, type Reply, send } from '../../support/client.ts';

const app = useTestApp();
const unknownUser = { id: '', token: 'an-unknown-token' };

/** The status of a response with the code and the message of its first error. */
function refusal({ status, body }: Reply): { status: number; code: string; message: string } {
  const [{ message, extensions }] = body.errors;
  return { status, code: extensions.code, message };
}

const subject = { subject: 'x' };

describe('a refusal', () => {
  it.each([
    ['GET', '/notifications', undefined],
    ['SEARCH', '/notifications', { query: {} }],
    ['GET', '/notifications/1', undefined],
    ['GET', '/notifications/nonsense', undefined],
    ['POST', '/notifications', { recipient: '11111111-1111-4111-8111-111111111111', ...subject }],
    ['PATCH', '/notifications/1', subject],
    ['DELETE', '/notifications/1', undefined],
    ['GET', '/users', undefined],
  ])(
    'the message of a refusal says whether a token was sent and whether it is valid: %s %s',
    async (method, path, body) => {
      const ask = { method, ...(body && { body }) };

      const without = refusal(await send(app(), path, ask));
      const bad = refusal(await send(app(), path, { ...ask, as: unknownUser }));

      expect(without).toMatchObject({
        status: 403,
        code: 'FORBIDDEN',
        message: expect.stringMatching(/^No token was sent\. You may not/),
      });
      expect(bad).toEqual({
        status: 401,
        code: 'INVALID_CREDENTIALS',
        message: 'The token that was sent is not valid.',
      });
      if (method === 'GET' && path === '/users') return;
      const as = app().people.bob;
      if (!(method === 'GET' || method === 'SEARCH') || path !== '/notifications') {
        const denied = refusal(await send(app(), path, { ...ask, as }));
        expect(denied).toMatchObject({
          status: 403,
          code: 'FORBIDDEN',
          message: expect.stringMatching(/^You may not/),
        });
      }
    },
  );

  it.each([
    '{ notifications { id } }',
    '{ notification_templates { id } }',
    '{ notification_deliveries { id } }',
    'mutation { create_notifications_items(data: [{ recipient: "11111111-1111-4111-8111-111111111111", subject: "x" }]) { id } }',
    'mutation { update_notification_template_method(id: "c425f63e-716a-4bf4-ae24-78348f706c3f", method: "smtp") { id } }',
  ])(
    'the message of a refusal in GraphQL says whether a token was sent and whether it is valid: %s',
    async (document) => {
      const without = refusal(await graphql(app(), undefined, document));
      const bad = refusal(await graphql(app(), unknownUser, document));

      expect(without).toMatchObject({
        code: 'FORBIDDEN',
        message: expect.stringMatching(/^No token was sent\. You may not/),
      });
      expect(bad).toMatchObject({
        status: 401,
        code: 'INVALID_CREDENTIALS',
        message: 'The token that was sent is not valid.',
      });
    },
  );

  it('a request that needs a user is refused with the message that no token was sent', async () => {
    const own = refusal(await send(app(), '/users/me'));
    const inbox = refusal(await graphql(app(), undefined, '{ inbox { unread_count } }'));

    expect(own).toEqual({ status: 401, code: 'INVALID_CREDENTIALS', message: 'No token was sent.' });
    expect(inbox).toMatchObject({ code: 'INVALID_CREDENTIALS', message: 'No token was sent.' });
  });

  it('an error that does not concern permissions does not mention the token', async () => {
    const without = refusal(await send(app(), '/nowhere'));
    const document = refusal(await graphql(app(), undefined, '{ nothing }'));

    expect(without.message).not.toContain('token');
    expect(document.message).not.toContain('token');
  });
});
