import { type RouteRows, row, signedIn } from './row.ts';

const admins = 'admin +admin';
const sending = 'operator admin +send +admin';
const inbox = 'member reader operator admin +inbox +admin';
const changesInbox = 'member operator admin +inbox +admin';
const users = 'admin +users +admin';
const everybody = `anonymous ${signedIn}`;
const readNotifications = ['notifications.read_own', 'notifications.read_all'] as const;
const path = (text: string) => () => ({ path: text });
const open = (text: string) => row<{ path: string }>('public', `anonymous suspended ${signedIn}`, path(text));
let serial = 0;
const unique = () => {
  serial += 1;
  return `route-${serial}`;
};

/** The routes of Directus, and the pages. */
const directusRows: RouteRows = {
  'GET /notifications': row(readNotifications, inbox, path('/notifications')),
  'GET /notifications (others)': row(
    'notifications.read_all',
    'reader admin +admin',
    ({ other }) => ({ path: `/notifications?filter[id][_eq]=${other.notification.id}` }),
    'member operator +inbox',
  ),
  'SEARCH /notifications': row(readNotifications, inbox, () => ({ path: '/notifications', body: { query: {} } })),
  'POST /notifications': row('notifications.create', sending, ({ other }) => ({
    path: '/notifications',
    body: { recipient: other.id, subject: 'New' },
  })),
  'PATCH /notifications': row('notifications.update_own', changesInbox, (_, { notification }) => ({
    path: '/notifications',
    body: { keys: [notification.id], data: { status: 'inbox' } },
  })),
  'DELETE /notifications': row('notifications.delete', admins, () => ({
    path: '/notifications',
    body: [2_000_000_000],
  })),
  'GET /notifications/:id': row(readNotifications, inbox, (_, { notification }) => ({
    path: `/notifications/${notification.id}`,
  })),
  'GET /notifications/:id (others)': row('notifications.read_all', 'reader admin +admin', ({ other }) => ({
    path: `/notifications/${other.notification.id}`,
  })),
  'PATCH /notifications/:id': row('notifications.update_own', changesInbox, (_, { notification }) => ({
    path: `/notifications/${notification.id}`,
    body: { status: 'inbox' },
  })),
  'PATCH /notifications/:id (others)': row('notifications.update_all', admins, ({ other }) => ({
    path: `/notifications/${other.notification.id}`,
    body: { status: 'inbox' },
  })),
  'DELETE /notifications/:id': row('notifications.delete', admins, path('/notifications/2000000000')),
  'OPTIONS /notifications': row('public', everybody, path('/notifications')),
  'OPTIONS /notifications/:id': row('public', everybody, path('/notifications/1')),
  'GET /users': row(['users.read_own', 'users.read_all'], signedIn, path('/users')),
  'GET /users (others)': row(
    'users.read_all',
    'reader admin +users +admin',
    ({ other }) => ({ path: `/users?filter[id][_eq]=${other.id}` }),
    'member operator +inbox +preferences +send +read_log +templates',
  ),
  'SEARCH /users': row('users.read_own', signedIn, () => ({ path: '/users', body: { query: {} } })),
  'POST /users': row('users.create', users, () => ({
    path: '/users',
    body: { email: `${unique()}@rights.example.com` },
  })),
  'PUT /users': row('users.create', users, () => ({ path: '/users', body: [{ external_id: unique() }] })),
  'PATCH /users': row('users.update_all', users, ({ other }) => ({
    path: '/users',
    body: { keys: [other.id], data: { language: 'en-US' } },
  })),
  'DELETE /users': row('users.delete', users, async ({ asAdmin }) => ({
    path: '/users',
    body: [(await asAdmin(newUser()))['id']],
  })),
  'GET /users/:id': row('users.read_own', signedIn, (_, { id }) => ({ path: `/users/${id}` })),
  'GET /users/:id (others)': row('users.read_all', 'reader admin +users +admin', ({ other }) => ({
    path: `/users/${other.id}`,
  })),
  'PATCH /users/:id': row('users.update_all', users, ({ other }) => ({
    path: `/users/${other.id}`,
    body: { language: 'en-US' },
  })),
  'DELETE /users/:id': row('users.delete', users, async ({ asAdmin }) => ({
    path: `/users/${(await asAdmin(newUser()))['id']}`,
  })),
  'OPTIONS /users': row('public', everybody, path('/users')),
  'OPTIONS /users/:id': row('public', everybody, path('/users/1')),
  'GET /users/:id/export': row('user_data.export_own', 'member reader operator admin +admin', path('/users/me/export')),
  'GET /users/:id/export (others)': row('user_data.export_all', admins, ({ other }) => ({
    path: `/users/${other.id}/export`,
  })),
  'GET /users/me': row('users.read_own', signedIn, path('/users/me')),
  'PATCH /users/me': row('users.update_own', 'member operator admin +preferences +admin', () => ({
    path: '/users/me',
    body: { language: 'en-US' },
  })),
  'OPTIONS /users/me': row('public', everybody, path('/users/me')),
  'GET /server/ping': row('public', everybody, path('/server/ping')),
  'GET /server/info': row('public', everybody, path('/server/info')),
  'GET /server/specs/graphql/system': row('public', everybody, path('/server/specs/graphql/system')),
};

const newUser = () =>
  `mutation { result: create_users_item(data: { email: "${unique()}@rights.example.com" }) { id } }`;

const api = '/api/v2';
const text = (body: unknown) => JSON.stringify(body);

/** The routes of Coder. */
const coderRows: RouteRows = {
  [`GET ${api}/notifications/dispatch-methods`]: row(
    'dispatch_methods.read',
    signedIn,
    path(`${api}/notifications/dispatch-methods`),
  ),
  [`GET ${api}/notifications/inbox`]: row('notifications.read_own', inbox, path(`${api}/notifications/inbox`)),
  [`PUT ${api}/notifications/inbox/mark-all-as-read`]: row(
    'notifications.update_own',
    changesInbox,
    path(`${api}/notifications/inbox/mark-all-as-read`),
  ),
  [`PUT ${api}/notifications/inbox/:id/read-status`]: row(
    'notifications.update_own',
    changesInbox,
    (_, { notification }) => ({
      path: `${api}/notifications/inbox/${notification.uuid}/read-status`,
      body: text({ is_read: true }),
    }),
  ),
  [`GET ${api}/notifications/settings`]: row('settings.read', signedIn, path(`${api}/notifications/settings`)),
  [`PUT ${api}/notifications/settings`]: row('settings.update', 'operator admin +admin', async ({ asAdmin }) => {
    await asAdmin('mutation { result: update_notification_settings(data: { notifier_paused: false }) { changed } }');
    return { path: `${api}/notifications/settings`, body: text({ notifier_paused: true }) };
  }),
  [`GET ${api}/notifications/templates/system`]: row(
    'templates.read',
    signedIn,
    path(`${api}/notifications/templates/system`),
  ),
  [`GET ${api}/notifications/templates/custom`]: row(
    'templates.read',
    signedIn,
    path(`${api}/notifications/templates/custom`),
  ),
  [`PUT ${api}/notifications/templates/:template/method`]: row(
    'templates.update',
    'operator admin +templates +admin',
    ({ template }) => ({ path: `${api}/notifications/templates/${template}/method`, body: text({ method: '' }) }),
    'member reader +inbox +preferences +send +read_log +users',
  ),
  [`POST ${api}/notifications/test`]: row('deliveries.send', sending, () => ({
    path: `${api}/notifications/test`,
    body: '',
  })),
  [`POST ${api}/notifications/custom`]: row('deliveries.send_to_self', 'member operator admin +send +admin', () => ({
    path: `${api}/notifications/custom`,
    body: text({ content: { title: unique(), message: 'Hello' } }),
  })),
  [`GET ${api}/users/:user/notifications/preferences`]: row(
    ['preferences.read_own', 'preferences.read_all'],
    'member reader operator admin +preferences +users +admin',
    path(`${api}/users/me/notifications/preferences`),
  ),
  [`PUT ${api}/users/:user/notifications/preferences`]: row(
    ['preferences.update_own', 'preferences.update_all'],
    'member operator admin +preferences +users +admin',
    ({ template }) => ({
      path: `${api}/users/me/notifications/preferences`,
      body: text({ template_disabled_map: { [template]: false } }),
    }),
  ),
  // Refused for everybody: push messages of the browser are off.
  [`POST ${api}/users/:user/webpush/subscription`]: row(
    'public',
    '',
    path(`${api}/users/me/webpush/subscription`),
    signedIn,
  ),
  [`DELETE ${api}/users/:user/webpush/subscription`]: row(
    'public',
    '',
    path(`${api}/users/me/webpush/subscription`),
    signedIn,
  ),
  [`POST ${api}/users/:user/webpush/test`]: row('public', '', path(`${api}/users/me/webpush/test`), signedIn),
  // Without an upgrade it is refused with 426. The subscription of the socket has its own row.
  [`GET ${api}/notifications/inbox/watch`]: row('public', signedIn, path(`${api}/notifications/inbox/watch`)),
};

/** Routes that look at no viewer: pages, keys, health, and those that sign in. */
const publicRows: RouteRows = {
  'GET /healthz': open('/healthz'),
  'GET /readyz': open('/readyz'),
  'GET /.well-known/jwks.json': open('/.well-known/jwks.json'),
  'GET /openapi.json': open('/openapi.json'),
  'GET /': open('/'),
  'GET /docs': open('/docs'),
  'GET /icon.svg': open('/icon.svg'),
  'GET /favicon.ico': open('/favicon.ico'),
  'GET /unsubscribe/:token': open('/unsubscribe/unknown'),
  'POST /unsubscribe/:token': open('/unsubscribe/unknown'),
  'GET /elements/:file': open('/elements/index.js'),
  'GET /inbox': open('/inbox'),
  'GET /inbox/:id': open('/inbox/1'),
  'GET /preferences': open('/preferences'),
  'GET /pages/:file': open('/pages/unknown.js'),
  'GET /manifest.webmanifest': open('/manifest.webmanifest'),
  'GET /service-worker.js': open('/service-worker.js'),
  'GET /graphql/system/graphiql/:file': row('public', everybody, path('/graphql/system/graphiql/unknown.js')),
  'POST /auth/login': row('public', `anonymous suspended ${signedIn}`, () => ({ path: '/auth/login', body: {} })),
  'POST /auth/refresh': row('public', `anonymous suspended ${signedIn}`, () => ({ path: '/auth/refresh', body: {} })),
  'POST /auth/logout': row('public', `anonymous suspended ${signedIn}`, () => ({ path: '/auth/logout', body: {} })),
  'POST /auth/password/request': row('public', `anonymous suspended ${signedIn}`, () => ({
    path: '/auth/password/request',
    body: {},
  })),
  'POST /auth/password/reset': row('public', `anonymous suspended ${signedIn}`, () => ({
    path: '/auth/password/reset',
    body: {},
  })),
  'GET /reset-password': open('/reset-password'),
  'POST /reset-password': open('/reset-password'),
  'GET /auth/login/oidc': open('/auth/login/oidc'),
  'GET /auth/login/oidc/callback': open('/auth/login/oidc/callback'),
  // Root fields have their own rows.
  'GET /graphql/system': row('public', everybody, path('/graphql/system?query={__typename}')),
  'POST /graphql/system': row('public', everybody, () => ({
    path: '/graphql/system',
    body: { query: '{ __typename }' },
  })),
  'GET /metrics': row('metrics.read', 'reader operator admin +read_log +admin', () => ({
    path: '/metrics',
    headers: { 'x-forwarded-for': '192.0.2.1' },
  })),
};

/** Every route that answers requests. */
export const routeRows: RouteRows = { ...directusRows, ...coderRows, ...publicRows };
