import type { Role, Scope, Viewer } from './viewer.ts';

/** Who may perform an action. */
interface Right {
  readonly roles: readonly Role[];
  /** A limited token needs one of these, or `admin`; `any`: every token may. */
  readonly scopes: readonly Scope[] | 'any';
}

const everybody: readonly Role[] = ['admin', 'operator', 'reader', 'member'];
const changing: readonly Role[] = ['admin', 'operator', 'member'];
const reading: readonly Role[] = ['admin', 'reader'];
const operating: readonly Role[] = ['admin', 'operator'];
const admins: readonly Role[] = ['admin'];

const right = (roles: readonly Role[], scopes: Right['scopes']): Right => ({ roles, scopes });

/**
 * The matrix of rights: each action, the roles that may perform it, and the scopes of a token that allow it. `own` is
 * the viewer's data, `all` everybody's. Anonymous viewers may do none of this, and suspended users have no viewer.
 *
 * A token without the scope `admin` must not give its holder more rights. So setting a user's password, static token
 * or role needs `admin`; `tokens/grantable-scopes` limits created tokens.
 */
const matrix = {
  'notifications.read_own': right(everybody, ['inbox']),
  'notifications.read_all': right(reading, []),
  'notifications.update_own': right(changing, ['inbox']),
  'notifications.update_all': right(admins, []),
  'notifications.create': right(operating, ['send']),
  'notifications.delete': right(admins, []),

  'preferences.read_own': right(everybody, ['preferences']),
  'preferences.read_all': right(reading, ['users']),
  'preferences.update_own': right(changing, ['preferences']),
  'preferences.update_all': right(admins, ['users']),

  'deliveries.read': right(['admin', 'operator', 'reader'], ['read_log']),
  'deliveries.send': right(operating, ['send']),
  'deliveries.send_to_self': right(changing, ['send']),
  'deliveries.retry': right(operating, ['send']),
  'dispatch_methods.read': right(everybody, 'any'),

  'templates.read': right(everybody, 'any'),
  'templates.update': right(operating, ['templates']),

  'settings.read': right(everybody, 'any'),
  'settings.update': right(operating, []),
  'metrics.read': right(['admin', 'operator', 'reader'], ['read_log']),

  'users.read_own': right(everybody, 'any'),
  'users.read_all': right(reading, ['users']),
  'users.create': right(admins, ['users']),
  'users.update_own': right(changing, ['preferences']),
  'users.update_all': right(admins, ['users']),
  'users.delete': right(admins, ['users']),
  'users.set_own_password': right(changing, []),
  /** Also: to change users who are more than members. */
  'users.set_credentials': right(admins, []),

  'user_data.export_own': right(everybody, []),
  'user_data.export_all': right(admins, []),
  'user_data.erase_own': right(changing, []),
  'user_data.erase_all': right(admins, ['users']),
  'audit.read': right(reading, []),

  'tokens.read_own': right(everybody, []),
  'tokens.read_all': right(reading, ['users']),
  'tokens.create': right(admins, ['users']),
  'tokens.mint': right(admins, ['users']),
  'tokens.revoke_own': right(changing, []),
  'tokens.revoke_all': right(admins, ['users']),
  'issuers.read': right(reading, []),
  'issuers.write': right(admins, []),
  'signing_keys.read': right(reading, []),
  'signing_keys.rotate': right(admins, []),
  'sessions.read_own': right(everybody, []),
  'sessions.read_all': right(reading, ['users']),
  'sessions.revoke_own': right(changing, []),
  'sessions.revoke_all': right(admins, ['users']),
} as const satisfies Readonly<Record<string, Right>>;

export type Action = keyof typeof matrix;

/** The matrix by action, for `may`, tests and documentation. */
export const rights: Readonly<Record<Action, Right>> = matrix;

/** Whether the viewer may perform the action. It does not say on which rows: `own` and `all` are separate actions. */
export function may(viewer: Viewer, action: Action): boolean {
  if (viewer.kind === 'anonymous') return false;
  const { roles, scopes } = rights[action];
  if (!roles.includes(viewer.role)) return false;
  const { scopes: limits } = viewer;
  if (limits === null || scopes === 'any') return true;
  return limits.includes('admin') || scopes.some((scope) => limits.includes(scope));
}

/** Which fields a viewer may read: all, or those that members may read. */
export type FieldAccess = 'admin' | 'member';

export function fieldAccess(viewer: Viewer): FieldAccess {
  return may(viewer, 'users.read_all') ? 'admin' : 'member';
}
