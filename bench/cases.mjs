import { defaultNames, fewNames, reads } from './lists.mjs';
import { adminToken, members, memberToken, recipientId, recipients } from './seed.mjs';

const graphqlPath = '/graphql/system';
/** How many different requests of a kind are made; they come round again and again. */
const differentCreates = 1600;
const differentBatches = 32;
const batchSize = 100;

/**
 * What is measured: requests to the service, and to its limit.
 * @typedef {object} Case
 * @property {string} name
 * @property {readonly object[]} service requests as autocannon takes them
 * @property {readonly object[]} limit
 * @property {number} [target] the least share of the limit
 * @property {boolean} [isSizeCompared] whether it is measured in the small store as well
 * @property {boolean} [isSame] whether service and limit answer the same bytes
 * @property {readonly object[]} [bodies] what is inserted without HTTP
 * @property {number} [rows] rows that a request writes
 */

const people = Array.from({ length: members }, (_, index) => index + 1);

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

/** One request for every member, or one for each connection of the admin. */
function readRequests(read, requestFor) {
  return people.map((place) => requestFor(reads[read].role === 'admin' ? adminToken : memberToken(place), place));
}

function readCase(dialect, read, target, requestFor) {
  return {
    name: `${dialect}-${read}`,
    target,
    isSame: true,
    isSizeCompared: read === 'list-member' || read === 'list-admin',
    service: readRequests(read, requestFor),
    limit: readRequests(read, (_token, place) => ({
      method: 'GET',
      path: `/${read}/${dialect}/${recipientId(place)}`,
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

const listDocument = `query Notifications($limit: Int, $sort: [String]) {
  notifications(limit: $limit, sort: $sort) { ${defaultNames.join(' ')} }
}`;
const countDocument = 'query Count { notifications_aggregated { countAll } }';

function newNotification(place) {
  return {
    recipient: recipientId((place % recipients) + 1),
    sender: recipientId((place % 97) + 1),
    subject: `You were mentioned in ticket ${place}`,
    message:
      'Somebody mentioned you in a comment: "Could you have a look at this before Friday?" [Open](https://example.com)',
    collection: 'tickets',
    item: String(place),
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
    service: bodies.map(requestFor),
    limit: bodies.map((body) => postJson(`/create/${dialect}`, body)),
  };
}

/** @type {readonly Case[]} */
export const cases = [
  graphqlRead('list-member', 0.4, listDocument),
  graphqlRead('list-admin', 0.4, listDocument),
  graphqlRead('list-sorted', 0.4, listDocument),
  graphqlRead('count', undefined, countDocument),
  restRead('list-member', 0.5, { limit: '25' }),
  restRead('list-admin', 0.5, { limit: '25' }),
  restRead('list-sorted', 0.5, { limit: '25', sort: '-timestamp' }),
  restRead('list-filtered', 0.5, { limit: '25', fields: fewNames.join(), 'filter[status][_eq]': 'inbox' }),
  createCase('graphql-create-one', 'graphql', singles, (data) => graphql(adminToken, createDocument, { data })),
  createCase('rest-create-one', 'rest', singles, (body) => postJson('/notifications', body)),
  createCase('graphql-create-100', 'graphql', batches, (data) => graphql(adminToken, createManyDocument, { data })),
  createCase('rest-create-100', 'rest', batches, (body) => postJson('/notifications', body)),
];
