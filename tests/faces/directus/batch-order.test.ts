import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../../src/notifications/write.ts';
import { useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';
import { closeClients, connectRealtime } from '../../support/realtime-client.ts';

const app = useTestApp();
const as = () => ({ as: app().people.alice });
const subjects = ['first', 'second', 'third', 'fourth'];
const newestFirst = subjects.toReversed();
const subjectsOf = (rows: readonly { readonly subject: string }[]) => rows.map(({ subject }) => subject);

beforeAll(async () => {
  const { admin, alice } = app().people;
  const rows = subjects.map((subject) => ({ recipient: alice.id, subject }));
  await createNotifications(app().contextOf(admin), rows);
});
afterEach(closeClients);

describe('rows of one batch', () => {
  it('rows of one batch have the same timestamp', async () => {
    const { body } = await send(app(), '/notifications?aggregate[countDistinct]=timestamp', as());
    expect(body.data).toEqual([{ countDistinct: { timestamp: '1' } }]);
  });

  it.each([
    ['-timestamp', newestFirst],
    ['timestamp', subjects],
    ['status,-timestamp', newestFirst],
    ['-status,timestamp', subjects],
  ])('rows of one batch are sorted by sort=%s over REST, in exports and in GraphQL', async (sort, expected) => {
    const listed = await send(app(), `/notifications?sort=${sort}`, as());
    const exported = await send(app(), `/notifications?sort=${sort}&export=json`, as());
    const document = 'query ($sort: [String]) { notifications(sort: $sort) { subject } }';
    const asked = await graphql(app(), app().people.alice, document, { sort: sort.split(',') });

    expect(subjectsOf(listed.body.data)).toEqual(expected);
    expect(subjectsOf(exported.body)).toEqual(expected);
    expect(subjectsOf(asked.body.data.notifications)).toEqual(expected);
  });

  it('rows of one batch are newest first in a subscription and in the inbox', async () => {
    const client = await connectRealtime(`${app().url}/websocket?access_token=${app().people.alice.token}`);
    const collection = 'directus_notifications';
    const { data } = await client.ask({ type: 'subscribe', collection, query: { sort: '-timestamp' } });
    const { body } = await graphql(app(), app().people.alice, '{ inbox { notifications { subject } } }');

    expect(subjectsOf(data as { subject: string }[])).toEqual(newestFirst);
    expect(subjectsOf(body.data.inbox.notifications)).toEqual(newestFirst);
  });
});
