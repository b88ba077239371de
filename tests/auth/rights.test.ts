import { describe, expect, it } from '@jest/globals';
import { type Action, may, rights } from '../../src/auth/rights.ts';
import { anonymous, roles, type Scope, scopes, type UserViewer, userViewer } from '../../src/auth/viewer.ts';

const limited = (role: UserViewer['role'], limits: readonly Scope[] | null) =>
  userViewer('somebody', role, { kind: 'access_token', id: null, scopes: limits, expires_at: null });
const actions = Object.keys(rights) as Action[];

describe('rights', () => {
  it('lets an admin without limits do everything, and an anonymous caller do nothing', () => {
    expect(actions.filter((action) => !may(userViewer('somebody', 'admin'), action))).toEqual([]);
    expect(actions.filter((action) => may(anonymous, action))).toEqual([]);
  });

  it('lets a reader change nothing, and a member reach nothing that belongs to others', () => {
    const allowed = (role: UserViewer['role']) => actions.filter((action) => may(userViewer('somebody', role), action));

    expect(allowed('reader').filter((action) => !/\.(read|export)(_|$)/.test(action))).toEqual([]);
    expect(allowed('member').filter((action) => /_all$/.test(action))).toEqual([]);
  });

  it('lets an operator send and pause, and reach no users or tokens', () => {
    const operator = userViewer('somebody', 'operator');

    expect(may(operator, 'deliveries.send')).toBe(true);
    expect(may(operator, 'settings.update')).toBe(true);
    expect(may(operator, 'users.read_all')).toBe(false);
    expect(may(operator, 'tokens.create')).toBe(false);
  });

  it('never lets a limited token do what the role may not', () => {
    for (const role of roles) {
      const whole = userViewer('somebody', role);
      for (const scope of scopes) {
        const more = actions.filter((action) => may(limited(role, [scope]), action) && !may(whole, action));
        expect(more).toEqual([]);
      }
    }
  });

  it('treats the scope admin as everything that the role allows', () => {
    for (const role of roles) {
      const different = actions.filter(
        (action) => may(limited(role, ['admin']), action) !== may(userViewer('somebody', role), action),
      );
      expect(different).toEqual([]);
    }
  });

  it('lets no scope but admin set passwords, roles and tokens', () => {
    const others = scopes.filter((scope) => scope !== 'admin');

    expect(may(limited('admin', others), 'users.set_credentials')).toBe(false);
    expect(may(limited('admin', others), 'users.set_own_password')).toBe(false);
  });

  it('limits a token with the scope inbox to the inbox of its user', () => {
    const token = limited('admin', ['inbox']);

    expect(may(token, 'notifications.read_own')).toBe(true);
    expect(may(token, 'notifications.update_own')).toBe(true);
    expect(may(token, 'notifications.read_all')).toBe(false);
    expect(may(token, 'deliveries.send')).toBe(false);
  });
});
