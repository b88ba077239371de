import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';

describe('a response larger than the maximum', () => {
  const app = useTestApp({ MAX_ANSWER_SIZE: '100kb' });
  const refusal = { extensions: { code: 'GRAPHQL_VALIDATION' } };

  it.each([
    ['many aliases of a long text', Array.from({ length: 40 }, (_, index) => `a${index}: message`).join(' ')],
    [
      'many aliases of a computed field',
      Array.from({ length: 40 }, (_, index) => `a${index}: message_plain`).join(' '),
    ],
    ['long keys', Array.from({ length: 10 }, (_, index) => `${'k'.repeat(3000)}${index}: id`).join(' ')],
    [
      'fields of related rows',
      Array.from({ length: 300 }, (_, index) => `recipient${index}: recipient { ${'u'.repeat(50)}: id }`).join(' '),
    ],
  ])('a response larger than the maximum is an error without data: %s', async (_case, fields) => {
    const { admin, alice } = app().people;
    const rows = Array.from({ length: 4 }, () => ({ recipient: alice.id, subject: 's', message: 'word '.repeat(200) }));
    await createNotifications(app().contextOf(admin), rows);

    const { body } = await graphql(app(), alice, `{ notifications { ${fields} } }`);

    expect(body).toEqual({ errors: [expect.objectContaining(refusal)] });
  });

  it('a response larger than the maximum is INVALID_QUERY for REST', async () => {
    const { admin, bob } = app().people;
    const rows = Array.from({ length: 30 }, () => ({ recipient: bob.id, subject: 's', message: 'word '.repeat(1000) }));
    await createNotifications(app().contextOf(admin), rows);

    const listed = await send(app(), '/notifications?limit=-1', { as: bob });
    const some = await send(app(), '/notifications?limit=5', { as: bob });

    expect(listed).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_QUERY' } }] } });
    expect(some.body.data).toHaveLength(5);
  });
});
