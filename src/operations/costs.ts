import type { Limits } from '../config.ts';
import { aggregateNotifications, listNotifications } from '../notifications/read.ts';
import type { ListArguments } from '../query/list.ts';
import { pageSize } from '../query/page.ts';
import { nonNullItems } from '../schema/list-arguments.ts';
import { aggregateUsers, listUsers } from '../users/read.ts';
import type { Cost, Costs, Given } from './cost.ts';
import { boundRows, type Table } from './table-rows.ts';

/** Price of a statement, in units of one field (about a microsecond). */
const statement = 100;
/** Price of a write: a transaction with its checks, locks and bus messages. */
const write = 1000;
/** Price of one written row. */
const written = 10;
/** Assumed length of lists that callers cannot make long. */
const few = 3;
/** Assumed numbers of templates, and of tokens of one user. */
const someTemplates = 50;
const someTokens = 10;
/** Assumed number of categories, and of the cells of a user's preferences: three channels for each of them. */
const someCategories = 10;
const cells = 3 * (1 + someCategories + someTemplates);
/** Price of a password check: most of it is the hash, which takes as long as many writes. */
const passwordCheck = 10 * write;
/** Deliveries per user of one message: the inbox and one other method. */
const deliveriesEach = 2;

/** The number of rows a list can return, from its `limit`. */
function listed(given: Given, { queryDefault, queryMax }: Limits): number | 'all' {
  const limit = given('limit') ?? queryDefault;
  const rows = limit === -1 ? keysOf(given('filter')) : limit;
  if (rows === undefined) return 'all';
  return typeof rows === 'number' && rows > 0 ? Math.min(rows, queryMax ?? rows) : 0;
}

/**
 * The number of keys to which a filter restricts the rows, as in REST requests for rows by key; undefined for other
 * filters.
 */
function keysOf(filter: unknown): number | undefined {
  if (typeof filter !== 'object' || filter === null) return undefined;
  const { id, _and: parts }: { id?: unknown; _and?: unknown } = filter;
  if (typeof id === 'object' && id !== null && '_in' in id && Array.isArray(id._in)) return id._in.length;
  return Array.isArray(parts) ? parts.map(keysOf).find((count) => count !== undefined) : undefined;
}

function length(value: unknown): number {
  return Array.isArray(value) ? value.length : 1;
}

/** The cost of a write of one row per item of `argument`. The write returns all rows, or the first `limit` rows. */
function writeOf(argument: string): Cost {
  return {
    own: (given) => write + written * length(given(argument)),
    rows(given) {
      const limit = given('limit');
      const rows = length(given(argument));
      return typeof limit === 'number' && limit >= 0 ? Math.min(limit, rows) : rows;
    },
  };
}

/** Page sizes of an inbox and of the delivery log, if no `limit` is given. */
const page = 25;
const logPage = 100;

function rowsOf(defaultLimit: number) {
  return (given: Given): number => {
    const limit = given('limit') ?? defaultLimit;
    return typeof limit === 'number' ? Math.max(limit, 0) : 0;
  };
}

/** The cost of an aggregation: one row, or one per group. */
function aggregated(table: Table, read: typeof aggregateNotifications | typeof aggregateUsers): Cost {
  return {
    own: statement,
    rows: (given, limits) => (given('groupBy') ? listed(given, limits) : 1),
    count: (context, args, atMost) =>
      boundRows(context, table, atMost, (limit) => {
        const { groupBy, ...listArguments }: ListArguments & { groupBy?: string[] | null } = args;
        return read(context, { groupBy: nonNullItems(groupBy), aggregates: [] }, { ...listArguments, sort: [], limit });
      }),
  };
}

/** The cost of a connection: up to three statements, two for the rows and one for their number. */
const connection: Cost = {
  own: 3 * statement,
  rows(given, limits) {
    const size = given('first') ?? given('last') ?? pageSize({ limits });
    return typeof size === 'number' ? Math.max(0, Math.min(size, limits.queryMax ?? size)) : 0;
  },
};

/** Costs of the fields that cost more than one unit. */
export const costs: Costs = new Map<string, Cost>([
  [
    'Query.notifications',
    {
      own: statement,
      rows: listed,
      count: (context, args, atMost) =>
        boundRows(context, 'notifications', atMost, (limit) =>
          listNotifications(context, ['id'], { ...(args as ListArguments), sort: [], limit }),
        ),
    },
  ],
  [
    'Query.users',
    {
      own: statement,
      rows: listed,
      count: (context, args, atMost) =>
        boundRows(context, 'users', atMost, (limit) =>
          listUsers(context, { ...(args as ListArguments), sort: [], limit }, { select: { id: true } }),
        ),
    },
  ],
  ['Query.notifications_aggregated', aggregated('notifications', aggregateNotifications)],
  ['Query.users_aggregated', aggregated('users', aggregateUsers)],
  ['Query.notifications_by_id', { own: statement }],
  ['Query.users_by_id', { own: statement }],
  ['Query.users_me', { own: statement }],
  ['Query.access_tokens', { own: statement, rows: someTokens }],
  ['Query.sessions', { own: statement, rows: someTokens }],
  ['Mutation.auth_login', { own: passwordCheck }],
  ['Mutation.auth_password_request', { own: statement + write }],
  ['Mutation.auth_password_reset', { own: passwordCheck + write }],
  ['Query.audit_log', { own: statement, rows: rowsOf(logPage) }],
  // The rows are not counted: they are sent at the reader's pace, and few exports run at a time.
  ['Subscription.export_user', { own: 10 * write }],
  ['Query.issuers', { own: statement, rows: few }],
  ['viewer.user', { own: statement }],
  ['Query.signing_keys', { own: statement, rows: few }],
  ['Mutation.rotate_signing_keys', { own: write, rows: few }],
  ['Query.node', { own: statement }],
  ['Query.nodes', { own: statement, rows: (given) => length(given('node_ids')) }],
  ['Query.notifications_connection', connection],
  ['Query.inbox_connection', connection],
  ['Query.notification_deliveries', { own: statement, rows: rowsOf(logPage) }],
  ['Query.inbox', { own: statement, rows: rowsOf(page) }],
  ['Query.notification_preferences', { own: statement, rows: someTemplates }],
  ['Query.notification_settings', { own: statement }],
  ['Query.notification_unsubscription', { own: 6 * statement }],
  ['Query.notification_categories', { own: statement, rows: someCategories }],
  ['Query.effective_preferences', { own: 4 * statement, rows: cells }],
  ['Query.explain', { own: 4 * statement, rows: few }],
  ['explanations.steps', { rows: few }],
  ['Query.quiet_hours', { own: statement }],
  ['quiet_hours.windows', { rows: few }],
  ['Query.notification_templates', { own: statement, rows: someTemplates }],
  // As for `Query.inbox`, the page size applies to the whole inbox: its field `notifications` has no price of its own.
  ['Mutation.mark_all_notifications_as_read', { own: write, rows: page }],
  ['Mutation.mark_inbox_seen', { own: write, rows: page }],
  ['Mutation.change_inbox', { own: (given) => write + written * length(idsOf(given('data')) ?? []) }],
  ['Mutation.undo_inbox_operation', { own: write }],
  ['inbox_operations.inbox', { own: statement, rows: page }],
  // Counting takes about as long as a statement.
  ...['inbox', 'inbox_change'].flatMap((type) =>
    ['unseen_count', 'saved_count', 'snoozed_count'].map((field) => [`${type}.${field}`, { own: statement }] as const),
  ),
  // Always empty.
  ['directus_users.policies', { rows: 0 }],
  ['directus_notifications.actions', { rows: few }],
  ['directus_notifications.deliveries', { rows: few }],
  // Requires parsing Markdown.
  ['directus_notifications.subject_plain', { own: 5 }],
  ['directus_notifications.message_plain', { own: 20 }],
  ['Mutation.create_notifications_items', writeOf('data')],
  ['Mutation.update_notifications_items', writeOf('ids')],
  ['Mutation.update_notifications_batch', writeOf('data')],
  ['Mutation.delete_notifications_items', writeOf('ids')],
  ['Mutation.create_users_items', writeOf('data')],
  ['Mutation.upsert_users', writeOf('data')],
  ['Mutation.update_users_items', writeOf('ids')],
  ['Mutation.update_users_batch', writeOf('data')],
  ['Mutation.delete_users_items', writeOf('ids')],
  ['Mutation.update_choices', { own: (given) => write + written * length(given('data')), rows: cells }],
  ['Mutation.update_notification_preferences', { own: write, rows: someTemplates }],
  ...['send_notification', 'enqueue_notification'].map((name): [string, Cost] => [
    `Mutation.${name}`,
    {
      own: (given) => write + recipientsOf(given),
      rows: (given) => deliveriesEach * recipientsOf(given),
    },
  ]),
  // These rows are part of the price of the mutation.
  ['enqueued_notifications.deliveries', { rows: 1 }],
  ['enqueued_notifications.skipped', { rows: 1 }],
  [
    'Mutation.retry_deliveries',
    { own: write, rows: (given, { batchMax }) => (Array.isArray(given('ids')) ? length(given('ids')) : batchMax) },
  ],
  ...[
    'auth_refresh',
    'auth_logout',
    'revoke_session',
    'create_access_token',
    'delete_access_token',
    'mint_user_token',
    'save_issuer',
    'delete_issuer',
    'revoke_access_token',
    'revoke_user_sessions',
    'create_notifications_item',
    'update_notifications_item',
    'delete_notifications_item',
    'create_users_item',
    'update_users_item',
    'update_users_me',
    'delete_users_item',
    'erase_user',
    'send_test_notification',
    'send_custom_notification',
    'set_notification_read_status',
    'update_notification_settings',
    'update_notification_template_method',
    'save_category',
    'update_quiet_hours',
    'unsubscribe_notifications',
    'undo_unsubscribe',
    'rotate_unsubscribe_key',
  ].map((name) => [`Mutation.${name}`, { own: write }] as const),
]);

function recipientsOf(given: Given): number {
  const data = given('data');
  if (typeof data !== 'object' || data === null) return 1;
  const { recipients, users }: { readonly recipients?: unknown; readonly users?: unknown } = data;
  // A user who is created or updated costs a written row.
  return Array.isArray(users) ? length(recipients ?? []) + written * users.length : length(recipients);
}

function idsOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'ids' in data ? data.ids : undefined;
}
