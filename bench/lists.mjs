import { notificationsCollection } from '../dist/notifications/model.js';
import { inboxStatement } from '../dist/notifications/sql/inbox-page.js';
import { aggregateStatement } from '../dist/query/aggregate-statement.js';
import { listStatement } from '../dist/query/list.js';
import { usersCollection } from '../dist/users/model.js';
import { recipientId } from './seed.mjs';

/** The default fields of a list, with their columns. */
const defaultFields = {
  id: 'id',
  timestamp: 'timestamp',
  status: 'status',
  recipient: 'recipient_id',
  sender: 'sender_id',
  subject: 'subject',
  message: 'message',
  collection: 'collection',
  item: 'item',
};
const fewFields = { id: 'id', timestamp: 'timestamp', status: 'status', subject: 'subject' };

export const defaultNames = Object.keys(defaultFields);
export const fewNames = Object.keys(fewFields);

/**
 * The measured reads. Each name identifies both the request to the service and the statement of its limit.
 * @type {Readonly<Record<string, { role: 'admin' | 'member', fields?: Record<string, string>, args: object }>>}
 */
export const reads = {
  'list-member': { role: 'member', fields: defaultFields, args: { limit: 25 } },
  'list-admin': { role: 'admin', fields: defaultFields, args: { limit: 25 } },
  'list-sorted': { role: 'admin', fields: defaultFields, args: { limit: 25, sort: ['-timestamp'] } },
  'list-filtered': { role: 'member', fields: fewFields, args: { limit: 25, filter: { status: { _eq: 'inbox' } } } },
  // Matches one row.
  'list-search': { role: 'admin', fields: defaultFields, args: { limit: 25, search: '765432' } },
  count: { role: 'member', args: {} },
};

const limits = {
  queryDefault: 100,
  queryMax: undefined,
  batchMax: 10_000,
  recipientsMax: 100_000,
  relationalDepth: 10,
  payloadBytes: 2 ** 20,
};

/**
 * The statement that the service runs for a read, with the columns named as in the answer, so that the rows can be sent
 * unchanged.
 * @param {string} name
 * @returns {{ text: string, valuesFor: (member: string) => unknown[] }}
 */
export function readStatement(name) {
  const { role, fields, args } = reads[name];
  const someone = recipientId(1);
  const scope = {
    collection: notificationsCollection,
    users: usersCollection,
    viewer: { kind: 'user', id: someone, role, scopes: null },
    now: new Date(),
    limits,
    // The service gets these candidates from the index of texts first.
    ...(args.search !== undefined && { candidates: new Map([[args.search, [Number(args.search)]]]) }),
  };
  const { text, values } =
    fields === undefined
      ? aggregateStatement(scope, { groupBy: [], aggregates: [{ operation: 'count', field: '*' }] }, args).statement
      : listStatement(scope, Object.values(fields), args);
  return {
    text: fields === undefined ? text : named(text, fields),
    valuesFor: (member) => values.map((value) => (value === someone ? member : value)),
  };
}

function named(text, fields) {
  const [selected, ...rest] = text.split(' from ');
  const columns = Object.entries(fields).reduce(
    (so, [name, column]) => (name === column ? so : so.replace(`"${column}"`, `"${column}" as "${name}"`)),
    selected,
  );
  return [columns, ...rest].join(' from ');
}

/** The fields of a notification in a page of the inbox; their columns have the same names. */
export const pageNames = ['id', 'uuid', 'timestamp', 'status', 'read_at', 'subject', 'message', 'collection'];
const figures = ['unseen', 'saved', 'snoozed'];

/**
 * The statement that the service runs for a page of the inbox with all counts.
 * @returns {{ text: string, valuesFor: (member: string) => unknown[] }}
 */
export function pageStatement() {
  const someone = recipientId(1);
  const { text, values } = inboxStatement(someone, pageNames, { limit: 25 }, new Date(), undefined, figures);
  return { text, valuesFor: (member) => values.map((value) => (value === someone ? member : value)) };
}
