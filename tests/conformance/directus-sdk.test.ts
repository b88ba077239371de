import {
  createDirectus,
  createNotification,
  createNotifications,
  deleteNotification,
  deleteNotifications,
  graphql,
  isDirectusError,
  readMe,
  readNotification,
  readNotifications,
  rest,
  staticToken,
  updateNotification,
  updateNotifications,
  updateNotificationsBatch,
  withSearch,
} from '@directus/sdk';
import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';

describe('the Directus SDK, unchanged', () => {
  const app = useTestApp();
  const clientOf = (name: 'admin' | 'alice' | 'bob') =>
    createDirectus(app().url).with(staticToken(app().people[name].token)).with(rest()).with(graphql());

  it('the Directus SDK creates one notification and reads it', async () => {
    const { alice } = app().people;
    const client = clientOf('admin');

    const created = await client.request(createNotification({ recipient: alice.id, subject: 'One' }));
    const read = await client.request(readNotification(created['id'], { fields: ['id', 'subject', 'status'] }));

    expect(read).toEqual({ id: created['id'], subject: 'One', status: 'inbox' });
  });

  it('the Directus SDK creates several notifications and reads them by filter, sort and nested fields', async () => {
    const { bob } = app().people;
    const client = clientOf('admin');

    const created = await client.request(
      createNotifications(
        ['b', 'a'].map((subject) => ({ recipient: bob.id, subject, collection: 'sdk' })),
        { fields: ['subject'] },
      ),
    );
    const read = await client.request(
      readNotifications({
        fields: ['subject', { recipient: ['email'] }],
        filter: { collection: { _eq: 'sdk' } },
        sort: ['subject'],
        limit: 10,
      }),
    );

    expect(created).toEqual([{ subject: 'b' }, { subject: 'a' }]);
    expect(read).toEqual(['a', 'b'].map((subject) => ({ subject, recipient: { email: 'bob@example.com' } })));
  });

  it('the Directus SDK reads with a query in the body by SEARCH', async () => {
    const { alice } = app().people;
    await clientOf('admin').request(createNotification({ recipient: alice.id, subject: 'needle in hay' }));

    const found = await clientOf('alice').request(
      withSearch(readNotifications({ search: 'needle', fields: ['subject'], filter: { status: { _eq: 'inbox' } } })),
    );

    expect(found).toEqual([{ subject: 'needle in hay' }]);
  });

  it('the Directus SDK updates one notification, several in the same way, and each of a batch in its own way', async () => {
    const { alice } = app().people;
    const client = clientOf('admin');
    const items = ['u1', 'u2', 'u3'].map((subject) => ({ recipient: alice.id, subject }));
    const ids = (await client.request(createNotifications(items))).map(({ id }) => id);
    const [first = '', second = '', third = ''] = ids;

    const one = await client.request(updateNotification(first, { message: 'changed' }, { fields: ['message'] }));
    const alike = await client.request(
      updateNotifications([first, second], { status: 'archived' }, { fields: ['status'] }),
    );
    const each = await client.request(
      updateNotificationsBatch(
        [
          { id: second, message: '2' },
          { id: third, message: '3' },
        ],
        { fields: ['message'] },
      ),
    );

    expect(one).toEqual({ message: 'changed' });
    expect(alike).toEqual([{ status: 'archived' }, { status: 'archived' }]);
    expect(each).toEqual([{ message: '2' }, { message: '3' }]);
  });

  it('the Directus SDK deletes one notification and several', async () => {
    const { bob } = app().people;
    const client = clientOf('admin');
    const items = ['d1', 'd2', 'd3'].map((subject) => ({ recipient: bob.id, subject, collection: 'gone' }));
    const [first = '', ...others] = (await client.request(createNotifications(items))).map(({ id }) => id);

    const answers = [
      await client.request(deleteNotification(first)),
      await client.request(deleteNotifications(others)),
    ];

    const left = await client.request(readNotifications({ filter: { collection: { _eq: 'gone' } } }));
    expect({ answers, left }).toEqual({ answers: [null, null], left: [] });
  });

  it('the Directus SDK lets a member archive their own notification and change nothing else', async () => {
    const { alice } = app().people;
    const { id } = await clientOf('admin').request(createNotification({ recipient: alice.id, subject: 'Mine' }));

    const archived = await clientOf('alice').request(
      updateNotification(id, { status: 'archived' }, { fields: ['status'] }),
    );
    const refused = await clientOf('alice')
      .request(updateNotification(id, { subject: 'Yours' }))
      .catch((error: unknown) => error);

    expect(archived).toEqual({ status: 'archived' });
    if (!isDirectusError(refused)) throw new Error('not the error the SDK knows');
    expect(refused.errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('the Directus SDK sends GraphQL to the system scope', async () => {
    const { alice } = app().people;
    await clientOf('admin').request(createNotification({ recipient: alice.id, subject: 'By GraphQL' }));

    const answer = await clientOf('alice').query<{ notifications: { subject: string }[] }>(
      'query ($subject: String) { notifications(filter: { subject: { _eq: $subject } }) { subject } }',
      { subject: 'By GraphQL' },
      'system',
    );

    expect(answer.notifications).toEqual([{ subject: 'By GraphQL' }]);
  });

  it('the Directus SDK reads the viewer', async () => {
    const { alice } = app().people;

    const me = await clientOf('alice').request(readMe({ fields: ['id', 'email', 'first_name'] }));

    expect(me).toEqual({ id: alice.id, email: 'alice@example.com', first_name: 'Alice' });
  });
});
