import { recordAudit } from '../../src/audit/record.ts';
import { newSession } from './callers.ts';
import { type OperationRows, row, signedIn } from './row.ts';

const ownInbox = 'member reader operator admin +inbox +admin';
const inboxes = 'reader admin +admin';
const ownPreferences = 'member reader operator admin +preferences +admin';
const users = 'reader admin +users +admin';
const log = 'reader operator admin +read_log +admin';
const settings = 'reader admin +admin';
const readNotifications = ['notifications.read_own', 'notifications.read_all'] as const;
const readUsers = ['users.read_own', 'users.read_all'] as const;
const readPreferences = ['preferences.read_own', 'preferences.read_all'] as const;
const readTokens = ['tokens.read_own', 'tokens.read_all'] as const;

const others = (names: string) =>
  signedIn
    .split(' ')
    .filter((name) => !names.split(' ').includes(name))
    .join(' ');

const keepQuiet = (user: string) => `mutation { result: update_quiet_hours(user: "${user}", data: {
  windows: [{ days: [monday], from: "22:00", until: "23:00" }] }) { timezone } }`;

/** Every field of `Query`. */
export const queryRows: OperationRows = {
  users: row(readUsers, signedIn, (_, { id }) => `{ result: users(filter: { id: { _eq: "${id}" } }) { id } }`),
  'users (others)': row(
    'users.read_all',
    users,
    ({ other }) => `{ result: users(filter: { id: { _eq: "${other.id}" } }) { id } }`,
    others(users),
  ),
  users_by_id: row(readUsers, signedIn, (_, { id }) => `{ result: users_by_id(id: "${id}") { id } }`),
  'users_by_id (others)': row(
    'users.read_all',
    users,
    ({ other }) => `{ result: users_by_id(id: "${other.id}") { id } }`,
  ),
  users_aggregated: row(readUsers, signedIn, () => '{ result: users_aggregated { countAll } }'),
  'users_aggregated (others)': row(
    'users.read_all',
    users,
    ({ other }) => `{ result: users_aggregated(filter: { id: { _eq: "${other.id}" } }) { countAll } }`,
    others(users),
  ),
  users_me: row(readUsers, signedIn, () => '{ result: users_me { id } }'),
  viewer: row('public', signedIn, () => '{ result: viewer { role user { id } } }', 'anonymous'),

  notifications: row(
    readNotifications,
    ownInbox,
    (_, { notification }) => `{ result: notifications(filter: { id: { _eq: ${notification.id} } }) { id } }`,
  ),
  'notifications (others)': row(
    'notifications.read_all',
    inboxes,
    ({ other }) => `{ result: notifications(filter: { id: { _eq: ${other.notification.id} } }) { id } }`,
    'member operator +inbox',
  ),
  notifications_by_id: row(
    readNotifications,
    ownInbox,
    (_, { notification }) => `{ result: notifications_by_id(id: "${notification.id}") { id } }`,
  ),
  'notifications_by_id (others)': row(
    'notifications.read_all',
    inboxes,
    ({ other }) => `{ result: notifications_by_id(id: "${other.notification.id}") { id } }`,
  ),
  notifications_aggregated: row(readNotifications, ownInbox, () => '{ result: notifications_aggregated { countAll } }'),
  'notifications_aggregated (others)': row(
    'notifications.read_all',
    inboxes,
    ({ other }) =>
      `{ result: notifications_aggregated(filter: { id: { _eq: ${other.notification.id} } }) { countAll } }`,
    'member operator +inbox',
  ),
  notifications_connection: row(
    readNotifications,
    ownInbox,
    () => '{ result: notifications_connection { totalCount } }',
  ),
  'notifications_connection (others)': row(
    'notifications.read_all',
    inboxes,
    ({ other }) =>
      `{ result: notifications_connection(filter: { id: { _eq: ${other.notification.id} } }) { totalCount } }`,
    'member operator +inbox',
  ),
  inbox_connection: row('notifications.read_own', ownInbox, () => '{ result: inbox_connection { totalCount } }'),
  inbox: row('notifications.read_own', ownInbox, () => '{ result: inbox { total_count } }'),

  access_tokens: row(readTokens, `${users} member operator`, () => '{ result: access_tokens { id } }'),
  'access_tokens (others)': row(
    'tokens.read_all',
    users,
    ({ other }) => `{ result: access_tokens(user: "${other.id}") { id } }`,
  ),
  sessions: row(
    ['sessions.read_own', 'sessions.read_all'],
    `${users} member operator`,
    async ({ app: { db } }, { id }) => {
      await newSession(db, id);
      return '{ result: sessions { id } }';
    },
  ),
  'sessions (others)': row('sessions.read_all', users, async ({ asAdmin }) => {
    await asAdmin(
      'mutation { result: auth_login(email: "admin@example.com", password: "admin-password") { expires } }',
    );
    return '{ result: sessions(user: "admin@example.com") { id } }';
  }),
  issuers: row('issuers.read', settings, () => '{ result: issuers { issuer } }'),
  audit_log: row('audit.read', settings, async ({ app: { db }, other: { id } }) => {
    await recordAudit(db.prisma, { actor: id, action: 'export_user', user_id: id }, new Date());
    return '{ result: audit_log { id } }';
  }),
  signing_keys: row('signing_keys.read', settings, () => '{ result: signing_keys { id } }'),

  notification_deliveries: row('deliveries.read', log, () => '{ result: notification_deliveries { id } }'),
  notification_dispatch_methods: row(
    'dispatch_methods.read',
    signedIn,
    () => '{ result: notification_dispatch_methods { default } }',
  ),
  notification_preferences: row(
    readPreferences,
    `${ownPreferences} +users`,
    () => '{ result: notification_preferences { id } }',
  ),
  'notification_preferences (others)': row(
    'preferences.read_all',
    users,
    ({ other }) => `{ result: notification_preferences(user: "${other.id}") { id } }`,
    'member operator +preferences',
  ),
  effective_preferences: row(
    readPreferences,
    `${ownPreferences} +users`,
    () => '{ result: effective_preferences { on } }',
  ),
  'effective_preferences (others)': row(
    'preferences.read_all',
    users,
    ({ other }) => `{ result: effective_preferences(user: "${other.id}") { on } }`,
    'member operator +preferences',
  ),
  explain: row(
    readPreferences,
    `${ownPreferences} +users`,
    ({ template }) => `{ result: explain(template: "${template}") { rule } }`,
  ),
  'explain (others)': row(
    'preferences.read_all',
    users,
    ({ other, template }) => `{ result: explain(user: "${other.id}", template: "${template}") { rule } }`,
    'member operator +preferences',
  ),
  quiet_hours: row(readPreferences, `${ownPreferences} +users`, async ({ asAdmin }, { id }) => {
    await asAdmin(keepQuiet(id));
    return '{ result: quiet_hours { timezone } }';
  }),
  'quiet_hours (others)': row(
    'preferences.read_all',
    users,
    async ({ asAdmin, other }) => {
      await asAdmin(keepQuiet(other.id));
      return `{ result: quiet_hours(user: "${other.id}") { timezone } }`;
    },
    'member operator +preferences',
  ),
  notification_categories: row('templates.read', signedIn, async ({ asAdmin }) => {
    await asAdmin(
      'mutation { result: save_category(data: { key: "one", name: "One", default_channels: [] }) { key } }',
    );
    return '{ result: notification_categories { key } }';
  }),
  notification_settings: row('settings.read', signedIn, () => '{ result: notification_settings { notifier_paused } }'),
  notification_templates: row('templates.read', signedIn, () => '{ result: notification_templates { id } }'),
  notification_unsubscription: row(
    'public',
    `anonymous ${signedIn}`,
    () => '{ result: notification_unsubscription(token: "unknown") { unsubscribed } }',
  ),

  node: row(
    readUsers,
    signedIn,
    (_, { id }) => `{ result: node(node_id: "${btoa(`directus_users:${id}`)}") { node_id } }`,
  ),
  'node (notifications of others)': row(
    'notifications.read_all',
    inboxes,
    ({ other }) => `{ result: node(node_id: "${other.notification.node_id}") { node_id } }`,
    'member operator +inbox',
  ),
  'node (other users)': row(
    'users.read_all',
    users,
    ({ nodes }) => `{ result: node(node_id: "${nodes.user}") { node_id } }`,
    others(users),
  ),
  'node (preferences of others)': row(
    'preferences.read_all',
    users,
    ({ nodes }) => `{ result: node(node_id: "${nodes.preference}") { node_id } }`,
    others(users),
  ),
  'node (deliveries)': row(
    'deliveries.read',
    log,
    ({ delivery }) => `{ result: node(node_id: "${delivery.node_id}") { node_id } }`,
    others(log),
  ),
  'node (templates)': row(
    'templates.read',
    signedIn,
    ({ nodes }) => `{ result: node(node_id: "${nodes.template}") { node_id } }`,
  ),
  nodes: row(
    readNotifications,
    ownInbox,
    (_, { notification }) => `{ result: nodes(node_ids: ["${notification.node_id}"]) {
    node_id } }`,
  ),
};
