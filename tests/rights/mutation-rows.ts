import { changeInbox } from '../../src/notifications/change-inbox.ts';
import { newSession } from './callers.ts';
import { type OperationRows, row, signedIn } from './row.ts';

const admins = 'admin +admin';
const sending = 'operator admin +send +admin';
const ownInbox = 'member operator admin +inbox +admin';
const usersOfOthers = 'admin +users +admin';
const updateNotifications = ['notifications.update_own', 'notifications.update_all'] as const;
const mutation = (field: string) => `mutation { result: ${field} }`;
let serial = 0;
/** A text that no other request has. */
const unique = () => {
  serial += 1;
  return `request-${serial}`;
};
const newUser = (role = 'member') =>
  `create_users_item(data: { email: "${unique()}@rights.example.com", role: "${role}" }) { id }`;

const choice = (template: string, user: string) => ({
  query: `mutation ($map: JSON!, $user: String) {
    result: update_notification_preferences(user: $user, template_disabled_map: $map) { id } }`,
  variables: { map: { [template]: false }, user },
});

const chooseMail = (user: string) => `update_choices(user: "${user}", data: [{ channel: "smtp", choice: on }]) { on }`;
const keepQuiet = (user: string) =>
  `update_quiet_hours(user: "${user}", data: { windows: [{ days: [monday], from: "22:00", until: "23:00" }] }) { timezone }`;

/** Every field of `Mutation`. */
export const mutationRows: OperationRows = {
  create_notifications_item: row('notifications.create', sending, ({ other }) =>
    mutation(`create_notifications_item(data: { recipient: "${other.id}", subject: "New" }) { id }`),
  ),
  create_notifications_items: row('notifications.create', sending, ({ other }) =>
    mutation(`create_notifications_items(data: [{ recipient: "${other.id}", subject: "New" }]) { id }`),
  ),
  update_notifications_item: row(updateNotifications, ownInbox, (_, { notification }) =>
    mutation(`update_notifications_item(id: "${notification.id}", data: { status: "inbox" }) { id }`),
  ),
  'update_notifications_item (others)': row('notifications.update_all', admins, ({ other }) =>
    mutation(`update_notifications_item(id: "${other.notification.id}", data: { status: "inbox" }) { id }`),
  ),
  'update_notifications_item (subject)': row('notifications.update_all', admins, (_, { notification }) =>
    mutation(`update_notifications_item(id: "${notification.id}", data: { subject: "Changed" }) { id }`),
  ),
  update_notifications_items: row(updateNotifications, ownInbox, (_, { notification }) =>
    mutation(`update_notifications_items(ids: ["${notification.id}"], data: { status: "inbox" }) { id }`),
  ),
  'update_notifications_items (others)': row('notifications.update_all', admins, ({ other }) =>
    mutation(`update_notifications_items(ids: ["${other.notification.id}"], data: { status: "inbox" }) { id }`),
  ),
  update_notifications_batch: row(updateNotifications, ownInbox, (_, { notification }) =>
    mutation(`update_notifications_batch(data: [{ id: "${notification.id}", status: "inbox" }]) { id }`),
  ),
  'update_notifications_batch (others)': row('notifications.update_all', admins, ({ other }) =>
    mutation(`update_notifications_batch(data: [{ id: "${other.notification.id}", status: "inbox" }]) { id }`),
  ),
  delete_notifications_item: row('notifications.delete', admins, () =>
    mutation('delete_notifications_item(id: "2000000000") { id }'),
  ),
  delete_notifications_items: row('notifications.delete', admins, () =>
    mutation('delete_notifications_items(ids: ["2000000000"]) { ids }'),
  ),
  set_notification_read_status: row(updateNotifications, ownInbox, (_, { notification }) =>
    mutation(`set_notification_read_status(id: "${notification.id}", is_read: true) { kind }`),
  ),
  'set_notification_read_status (others)': row('notifications.update_all', admins, ({ other }) =>
    mutation(`set_notification_read_status(id: "${other.notification.id}", is_read: true) { kind }`),
  ),
  mark_all_notifications_as_read: row('notifications.update_own', ownInbox, () =>
    mutation('mark_all_notifications_as_read { unread_count }'),
  ),

  change_inbox: row('notifications.update_own', ownInbox, (_, { notification }) =>
    mutation(`change_inbox(data: { ids: ["${notification.id}"], action: save }) { changed }`),
  ),
  'change_inbox (delete)': row('notifications.delete', admins, () =>
    mutation('change_inbox(data: { ids: ["2000000000"], action: delete }) { changed }'),
  ),
  undo_inbox_operation: row('notifications.update_own', ownInbox, async ({ app }, caller) => {
    const { id, notification } = caller;
    const context = app.contextOf({ id, token: '' });
    await changeInbox(context, { ids: [notification.id], action: 'unsave' });
    const operation = await changeInbox(context, { ids: [notification.id], action: 'save' });
    return mutation(`undo_inbox_operation(id: "${operation.id}") { changed }`);
  }),
  mark_inbox_seen: row('notifications.update_own', ownInbox, () => mutation('mark_inbox_seen { unseen_count }')),

  create_users_item: row('users.create', usersOfOthers, () =>
    mutation(`create_users_item(data: { email: "${unique()}@rights.example.com" }) { id }`),
  ),
  'create_users_item (role)': row('users.set_credentials', admins, () => mutation(newUser('admin'))),
  create_users_items: row('users.create', usersOfOthers, () =>
    mutation(`create_users_items(data: [{ email: "${unique()}@rights.example.com" }]) { id }`),
  ),
  update_users_item: row('users.update_own', 'member operator admin +preferences +admin', (_, { id }) =>
    mutation(`update_users_item(id: "${id}", data: { language: "en-US" }) { id }`),
  ),
  'update_users_item (others)': row('users.update_all', usersOfOthers, ({ other }) =>
    mutation(`update_users_item(id: "${other.id}", data: { language: "en-US" }) { id }`),
  ),
  'update_users_items (others)': row('users.update_all', usersOfOthers, ({ other }) =>
    mutation(`update_users_items(ids: ["${other.id}"], data: { language: "en-US" }) { id }`),
  ),
  'update_users_batch (others)': row('users.update_all', usersOfOthers, ({ other }) =>
    mutation(`update_users_batch(data: [{ id: "${other.id}", language: "en-US" }]) { id }`),
  ),
  update_users_me: row('users.update_own', 'member operator admin +preferences +admin', () =>
    mutation('update_users_me(data: { language: "en-US" }) { id }'),
  ),
  delete_users_item: row('users.delete', usersOfOthers, async ({ asAdmin }) =>
    mutation(`delete_users_item(id: "${(await asAdmin(mutation(newUser())))['id']}") { id }`),
  ),
  'delete_users_item (an admin)': row('users.set_credentials', admins, async ({ asAdmin }) =>
    mutation(`delete_users_item(id: "${(await asAdmin(mutation(newUser('admin'))))['id']}") { id }`),
  ),
  delete_users_items: row('users.delete', usersOfOthers, async ({ asAdmin }) =>
    mutation(`delete_users_items(ids: ["${(await asAdmin(mutation(newUser())))['id']}"]) { ids }`),
  ),
  // A row for one's own data would erase the callers of the other rows; see tests/user-data/erase.test.ts.
  'erase_user (others)': row('user_data.erase_all', usersOfOthers, async ({ asAdmin }) =>
    mutation(`erase_user(id: "${(await asAdmin(mutation(newUser())))['id']}") { user_id }`),
  ),
  'erase_user (an admin)': row('users.set_credentials', admins, async ({ asAdmin }) =>
    mutation(`erase_user(id: "${(await asAdmin(mutation(newUser('admin'))))['id']}") { user_id }`),
  ),
  upsert_users: row('users.create', usersOfOthers, () =>
    mutation(`upsert_users(data: [{ external_id: "${unique()}" }]) { status }`),
  ),

  auth_login: row('public', `anonymous ${signedIn}`, () =>
    mutation('auth_login(email: "admin@example.com", password: "admin-password") { expires }'),
  ),
  auth_refresh: row('public', `anonymous ${signedIn}`, () => mutation('auth_refresh { expires }')),
  auth_logout: row('public', `anonymous ${signedIn}`, () => mutation('auth_logout')),
  // Both are refused before they count as attempts, which would delay those that follow.
  auth_password_request: row('public', `anonymous ${signedIn}`, () =>
    mutation('auth_password_request(email: "nobody@example.com", reset_url: "https://nowhere.example.com")'),
  ),
  auth_password_reset: row('public', `anonymous ${signedIn}`, () =>
    mutation('auth_password_reset(token: "none", password: "")'),
  ),
  revoke_session: row(
    ['sessions.revoke_own', 'sessions.revoke_all'],
    'member operator admin +users +admin',
    async ({ app: { db } }, { id }) => mutation(`revoke_session(id: "${await newSession(db, id)}") { id }`),
  ),
  'revoke_session (others)': row('sessions.revoke_all', usersOfOthers, async ({ asAdmin }) => {
    await asAdmin(mutation('auth_login(email: "admin@example.com", password: "admin-password") { expires }'));
    const { 0: session } = (await asAdmin('{ result: sessions { id } }')) as unknown as readonly {
      readonly id: string;
    }[];
    return mutation(`revoke_session(id: "${session?.id}") { id }`);
  }),

  create_access_token: row('tokens.create', usersOfOthers, () =>
    mutation(`create_access_token(data: { name: "${unique()}", scopes: [users] }) { id }`),
  ),
  'create_access_token (without limits)': row('users.set_credentials', admins, () =>
    mutation(`create_access_token(data: { name: "${unique()}" }) { id }`),
  ),
  revoke_access_token: row(
    ['tokens.revoke_own', 'tokens.revoke_all'],
    'member operator admin +users +admin',
    async ({ asAdmin }, { id }) => mutation(`revoke_access_token(id: "${await newToken(asAdmin, id)}") { id }`),
  ),
  'revoke_access_token (others)': row('tokens.revoke_all', usersOfOthers, async ({ asAdmin, other }) =>
    mutation(`revoke_access_token(id: "${await newToken(asAdmin, other.id)}") { id }`),
  ),
  'delete_access_token (others)': row('tokens.revoke_all', usersOfOthers, async ({ asAdmin, other }) =>
    mutation(`delete_access_token(id: "${await newToken(asAdmin, other.id)}") { id }`),
  ),
  revoke_user_sessions: row(['sessions.revoke_own', 'sessions.revoke_all'], 'member operator admin +users +admin', () =>
    mutation('revoke_user_sessions(user: "me") { user_id }'),
  ),
  'revoke_user_sessions (others)': row('sessions.revoke_all', usersOfOthers, ({ other }) =>
    mutation(`revoke_user_sessions(user: "${other.id}") { user_id }`),
  ),
  mint_user_token: row('tokens.mint', usersOfOthers, ({ other }) =>
    mutation(`mint_user_token(data: { user: "${other.id}", expires_in: 60, scopes: [users] }) { user_id }`),
  ),
  save_issuer: row('issuers.write', admins, () =>
    mutation(`save_issuer(data: { issuer: "${unique()}", audience: ["tidings"], secret: "${'s'.repeat(64)}" }) { id }`),
  ),
  delete_issuer: row('issuers.write', admins, async ({ asAdmin }) => {
    const { id } = await asAdmin(
      mutation(
        `save_issuer(data: { issuer: "${unique()}", audience: ["tidings"], secret: "${'s'.repeat(64)}" }) { id }`,
      ),
    );
    return mutation(`delete_issuer(id: "${id}") { id }`);
  }),
  rotate_signing_keys: row('signing_keys.rotate', admins, () => mutation('rotate_signing_keys { id }')),

  send_notification: row('deliveries.send', sending, ({ other, template }) =>
    mutation(`send_notification(data: { template: "${template}", recipients: ["${other.id}"] }) { id }`),
  ),
  'send_notification (with new users)': row({ allOf: ['deliveries.send', 'users.create'] }, admins, ({ template }) =>
    mutation(`send_notification(data: { template: "${template}", users: [{ external_id: "${unique()}" }] }) { id }`),
  ),
  enqueue_notification: row('deliveries.send', sending, ({ other, template }) =>
    mutation(
      `enqueue_notification(data: { template: "${template}", recipients: ["${other.id}"] }) { deliveries { id } }`,
    ),
  ),
  retry_deliveries: row('deliveries.retry', sending, ({ delivery }) =>
    mutation(`retry_deliveries(ids: ["${delivery.id}", "00000000-0000-4000-8000-000000000000"]) { id }`),
  ),
  send_test_notification: row('deliveries.send', sending, () => mutation('send_test_notification')),
  send_custom_notification: row('deliveries.send_to_self', 'member operator admin +send +admin', () =>
    mutation(`send_custom_notification(title: "${unique()}", message: "Hello")`),
  ),

  update_notification_preferences: row(
    ['preferences.update_own', 'preferences.update_all'],
    'member operator admin +preferences +users +admin',
    ({ template }) => choice(template, 'me'),
  ),
  'update_notification_preferences (others)': row(
    'preferences.update_all',
    usersOfOthers,
    ({ other, template }) => choice(template, other.id),
    'member operator +preferences',
  ),
  update_choices: row(
    ['preferences.update_own', 'preferences.update_all'],
    'member operator admin +preferences +users +admin',
    () => mutation(chooseMail('me')),
  ),
  'update_choices (others)': row(
    'preferences.update_all',
    usersOfOthers,
    ({ other }) => mutation(chooseMail(other.id)),
    'member operator +preferences',
  ),
  update_quiet_hours: row(
    ['preferences.update_own', 'preferences.update_all'],
    'member operator admin +preferences +users +admin',
    () => mutation(keepQuiet('me')),
  ),
  'update_quiet_hours (others)': row(
    'preferences.update_all',
    usersOfOthers,
    ({ other }) => mutation(keepQuiet(other.id)),
    'member operator +preferences',
  ),
  save_category: row('templates.update', 'operator admin +templates +admin', () =>
    mutation(`save_category(data: { key: "${unique()}", name: "New", default_channels: ["inbox"] }) { key }`),
  ),
  unsubscribe_notifications: row('public', `anonymous ${signedIn}`, () =>
    mutation('unsubscribe_notifications(token: "unknown") { unsubscribed }'),
  ),
  undo_unsubscribe: row('public', `anonymous ${signedIn}`, () =>
    mutation('undo_unsubscribe(token: "unknown") { unsubscribed }'),
  ),
  rotate_unsubscribe_key: row('signing_keys.rotate', admins, () => mutation('rotate_unsubscribe_key')),
  update_notification_settings: row('settings.update', 'operator admin +admin', async ({ asAdmin }) => {
    await asAdmin(mutation('update_notification_settings(data: { notifier_paused: false }) { changed }'));
    return mutation('update_notification_settings(data: { notifier_paused: true }) { changed }');
  }),
  update_notification_template_method: row('templates.update', 'operator admin +templates +admin', ({ template }) =>
    mutation(`update_notification_template_method(id: "${template}", method: "") { id }`),
  ),
};

async function newToken(asAdmin: (operation: string) => Promise<Readonly<Record<string, string>>>, user: string) {
  const created = await asAdmin(mutation(`create_access_token(data: { user: "${user}", name: "${unique()}" }) { id }`));
  return created['id'];
}
