import { randomUUID } from 'node:crypto';
import { defaultNames, fewNames, pageNames, reads } from './lists.mjs';
import { adminToken, members, memberToken, recipientId, recipients } from './seed.mjs';

const graphqlPath = '/graphql/system';
/** Numbers of different requests of each kind; they are repeated in rotation. */
const differentCreates = 1600;
const differentBatches = 32;
const batchSize = 100;

/**
 * One measurement: requests to the service, and the same work for `limit-server.mjs`, a bare server whose
 * rate is the upper bound.
 * @typedef {object} Case
 * @property {string} name
 * @property {readonly object[] | (() => readonly object[])} [service] requests in the format of autocannon; a function
 * that returns new ones for each load if a request can be sent only once
 * @property {(url: string) => Promise<readonly object[]>} [prepare] makes the requests instead, when the service runs
 * @property {readonly object[]} [limit]
 * @property {{ name: string, least: number }} [against] another case, and the minimum share of its rate
 * @property {number} [target] the minimum share of the limit
 * @property {boolean} [isSizeCompared] whether it is also measured in the small store
 * @property {boolean} [isSame] whether service and limit must answer the same bytes
 * @property {readonly object[]} [bodies] the rows to insert without HTTP
 * @property {number} [rows] number of rows that a request writes
 * @property {boolean} [isIndexCompared] whether it is also measured without the index of texts
 */

const people = Array.from({ length: members }, (_, index) => index + 1);
/** The members who have notifications in the inbox; those of the others are all archived. */
const inboxOwners = people.filter((number) => number % 5 !== 1);

function headersFor(token) {
  return { authorization: `Bearer ${token}` };
}

function graphql(token, query, variables) {
  return {
    method: 'POST',
    path: graphqlPath,
    headers: { ...headersFor(token), 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  };
}

/** One request for each member; for reads as an admin, as many requests of the admin. */
function readRequests(read, requestFor) {
  return people.map((number) => requestFor(reads[read].role === 'admin' ? adminToken : memberToken(number), number));
}

function readCase(dialect, read, target, requestFor) {
  return {
    name: `${dialect}-${read}`,
    target,
    isSame: true,
    isSizeCompared: read === 'list-member' || read === 'list-admin',
    service: readRequests(read, requestFor),
    limit: readRequests(read, (_token, number) => ({
      method: 'GET',
      path: `/${read}/${dialect}/${recipientId(number)}`,
    })),
  };
}

function graphqlRead(read, target, query) {
  return readCase('graphql', read, target, (token) => graphql(token, query, reads[read].args));
}

function restRead(read, target, parameters) {
  return readCase('rest', read, target, (token) => ({
    method: 'GET',
    path: `/notifications?${new URLSearchParams(parameters)}`,
    headers: headersFor(token),
  }));
}

const listDocument = `query Notifications($limit: Int, $sort: [String], $search: String) {
  notifications(limit: $limit, sort: $sort, search: $search) { ${defaultNames.join(' ')} }
}`;
const listWithUsersDocument = `query Notifications($limit: Int) {
  notifications(limit: $limit) {
    ${defaultNames.filter((name) => name !== 'recipient').join(' ')}
    recipient { id email first_name last_name }
  }
}`;
const pageDocument = `{ inbox {
  notifications { ${pageNames.join(' ')} } unread_count unseen_count total_count saved_count snoozed_count
} }`;
const countDocument = 'query Count { notifications_aggregated { countAll } }';

function newNotification(number) {
  return {
    recipient: recipientId((number % recipients) + 1),
    sender: recipientId((number % 97) + 1),
    subject: `You were mentioned in ticket ${number}`,
    message:
      'Somebody mentioned you in a comment: "Could you have a look at this before Friday?" [Open](https://example.com)',
    collection: 'tickets',
    item: String(number),
  };
}

// A prime step spreads the recipients over the whole store.
const singles = Array.from({ length: differentCreates }, (_, index) => newNotification(index * 7919));
const batches = Array.from({ length: differentBatches }, (_, batch) =>
  Array.from({ length: batchSize }, (_, index) => newNotification((batch * batchSize + index) * 7919)),
);

const createDocument = `mutation Create($data: create_directus_notifications_input!) {
  create_notifications_item(data: $data) { id }
}`;
const createManyDocument = `mutation Create($data: [create_directus_notifications_input!]) {
  create_notifications_items(data: $data) { id }
}`;

function postJson(path, body) {
  return {
    method: 'POST',
    path,
    headers: { ...headersFor(adminToken), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function createCase(name, dialect, bodies, requestFor) {
  return {
    name,
    target: 0.5,
    bodies,
    rows: Array.isArray(bodies[0]) ? batchSize : 1,
    isIndexCompared: dialect === 'graphql',
    service: bodies.map(requestFor),
    limit: bodies.map((body) => postJson(`/create/${dialect}`, body)),
  };
}

const updateDocument = `mutation Update($id: ID!, $data: update_directus_notifications_input) {
  update_notifications_item(id: $id, data: $data) { id }
}`;
const markDocument = `mutation Mark($id: ID!, $is_read: Boolean!) {
  set_notification_read_status(id: $id, is_read: $is_read) { unread_count }
}`;
const deleteDocument = 'mutation Delete($id: ID!) { delete_notifications_item(id: $id) { id } }';

/** Number of different keys of seeded rows, spread over all inboxes. */
const differentKeys = 1600;
const deletedByLoad = 20_000;
const keyedByLoad = 20_000;
/** A create is one statement; with a key it is a transaction with five more round trips. */
const leastOfKeyed = 0.2;

function writeCase(name, document, variablesFor) {
  return {
    name,
    service: Array.from({ length: differentKeys }, (_, index) =>
      graphql(adminToken, document, variablesFor(((index * 7919) % 500_000) + 1, index)),
    ),
  };
}

const mintDocument = `mutation Mint($user: ID!) {
  mint_user_token(data: { user: $user, expires_in: 3600 }) { token }
}`;

/** The lists of the members, each with a minted token instead of a static one. */
async function mintedReads(url) {
  const requests = [];
  for (const number of people) {
    const { path, ...init } = graphql(adminToken, mintDocument, { user: recipientId(number) });
    const { data } = await (await fetch(url + path, init)).json();
    requests.push(graphql(data.mint_user_token.token, listDocument, reads['list-member'].args));
  }
  return requests;
}

/** The creates of a case, each with an idempotency key that no other request has. */
function keyedCase(name, other, requestFor) {
  return {
    name,
    against: { name: other, least: leastOfKeyed },
    service: () =>
      Array.from({ length: keyedByLoad }, (_, index) => {
        const { headers, ...request } = requestFor(singles[index % singles.length]);
        return { ...request, headers: { ...headers, 'idempotency-key': randomUUID() } };
      }),
  };
}

let deleted = 0;

/** @type {readonly Case[]} */
export const cases = [
  graphqlRead('list-member', 0.4, listDocument),
  graphqlRead('list-admin', 0.4, listDocument),
  graphqlRead('list-sorted', 0.4, listDocument),
  graphqlRead('count', undefined, countDocument),
  graphqlRead('list-search', undefined, listDocument),
  {
    name: 'graphql-inbox-page',
    target: 0.6,
    isSame: true,
    service: inboxOwners.map((number) => graphql(memberToken(number), pageDocument)),
    limit: inboxOwners.map((number) => ({ method: 'GET', path: `/inbox-page/graphql/${recipientId(number)}` })),
  },
  {
    name: 'graphql-list-with-users',
    against: { name: 'graphql-list-admin', least: 0.6 },
    service: [graphql(adminToken, listWithUsersDocument, { limit: 25 })].flatMap((one) => people.map(() => one)),
  },
  {
    name: 'graphql-list-minted',
    against: { name: 'graphql-list-member', least: 0.95 },
    prepare: mintedReads,
  },
  restRead('list-member', 0.5, { limit: '25' }),
  restRead('list-admin', 0.5, { limit: '25' }),
  restRead('list-sorted', 0.5, { limit: '25', sort: '-timestamp' }),
  restRead('list-filtered', 0.5, { limit: '25', fields: fewNames.join(), 'filter[status][_eq]': 'inbox' }),
  createCase('graphql-create-one', 'graphql', singles, (data) => graphql(adminToken, createDocument, { data })),
  createCase('rest-create-one', 'rest', singles, (body) => postJson('/notifications', body)),
  keyedCase('graphql-create-keyed', 'graphql-create-one', (data) => graphql(adminToken, createDocument, { data })),
  keyedCase('rest-create-keyed', 'rest-create-one', (body) => postJson('/notifications', body)),
  createCase('graphql-create-100', 'graphql', batches, (data) => graphql(adminToken, createManyDocument, { data })),
  createCase('rest-create-100', 'rest', batches, (body) => postJson('/notifications', body)),
  writeCase('graphql-update-one', updateDocument, (id, index) => ({ id, data: { subject: `Changed ${index}` } })),
  writeCase('graphql-mark-read', markDocument, (id, index) => ({ id, is_read: index % 2 === 0 })),
  {
    name: 'graphql-delete-one',
    service: () =>
      Array.from({ length: deletedByLoad }, () => {
        deleted += 1;
        // From the newest of the seeded rows down.
        return graphql(adminToken, deleteDocument, { id: 1_000_001 - deleted });
      }),
  },
];
