import { Pool } from 'undici';
import { adminToken } from './seed.mjs';

const create = `mutation ($recipient: directus_users_key!, $subject: String!, $message: String) {
  create_notifications_item(data: { recipient: $recipient, subject: $subject, message: $message }) { id }
}`;
const read = 'mutation ($id: ID!) { set_notification_read_status(id: $id, is_read: true) { key } }';
const message =
  'Somebody mentioned you in a comment: "Could you look at this before Friday?" [Open](https://example.com/1)';

/**
 * Writes through the service, using its nodes in turn.
 * @param {readonly string[]} urls
 * @param {number} connections number of connections to each node
 */
export function createMutator(urls, connections) {
  const pools = urls.map((url) => new Pool(url, { connections }));
  let turn = 0;

  async function mutate(query, variables) {
    const { body } = await pools[turn++ % pools.length].request({
      method: 'POST',
      path: '/graphql/system',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await body.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }

  return {
    /** Returns the key of the new notification. */
    async create(recipient) {
      const variables = { recipient, subject: 'You were mentioned in ticket 4711', message };
      return (await mutate(create, variables)).create_notifications_item.id;
    },
    async read(id) {
      return (await mutate(read, { id })).set_notification_read_status.key;
    },
    close: () => Promise.all(pools.map((pool) => pool.close())),
  };
}
