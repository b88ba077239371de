import { describe, expect, it } from '@jest/globals';
import { tokenHash } from '../../src/auth/token-hash.ts';
import { createAuthenticator } from '../../src/auth/tokens.ts';
import { ConfigError } from '../../src/config.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { seedAdmin } from '../../src/users/first-admin.ts';
import { testDatabase } from '../support/database.ts';
import { isPasswordOf } from '../support/passwords.ts';

const nothing = { email: undefined, password: undefined, token: undefined };

describe('seedAdmin', () => {
  it('creates one admin when several nodes start at once, and returns the generated secrets', async () => {
    const { db, drop } = await testDatabase();
    const seeded = await Promise.all([1, 2, 3, 4].map(() => seedAdmin(db.prisma, nothing)));

    const made = seeded.filter((admin) => admin !== undefined);
    expect(made).toHaveLength(1);
    const [user, ...more] = await db.prisma.user.findMany();
    expect(more).toEqual([]);
    expect(user).toMatchObject({ email: made[0]?.email, role: 'admin', status: 'active' });
    expect(await isPasswordOf(made[0]?.password ?? '', user?.password_hash ?? '')).toBe(true);
    const viewer = await createAuthenticator({ prisma: servicePrisma(db), now: () => new Date() }).authenticate(
      made[0]?.token ?? '',
    );
    expect(viewer).toEqual({ kind: 'user', id: user?.id, role: 'admin' });
    await drop();
  });

  it('uses the given secrets without returning them; a later start changes nothing', async () => {
    const { db, drop } = await testDatabase();
    const given = { email: 'Root@Example.com', password: 'a password', token: 'a-token-that-is-given' };

    expect(await seedAdmin(db.prisma, given)).toEqual({ email: 'root@example.com' });
    const before = await db.prisma.user.findMany({ include: { accessTokens: true } });
    expect(await seedAdmin(db.prisma, { ...given, token: 'a-token-that-is-another' })).toBeUndefined();
    expect(await db.prisma.user.findMany({ include: { accessTokens: true } })).toEqual(before);
    await drop();
  });

  it('refuses a short password and token by name and creates no admin', async () => {
    const { db, drop } = await testDatabase();

    const made = seedAdmin(db.prisma, { email: undefined, password: '7 chars', token: 'fifteen-letters' });

    await expect(made).rejects.toThrow(ConfigError);
    await expect(made).rejects.toThrow(/ADMIN_PASSWORD: .* 8 to 1000 characters\n {2}ADMIN_TOKEN: .* 16 to 255 /);
    expect(await db.prisma.user.count()).toBe(0);
    await drop();
  });

  it('accepts short secrets stored by an earlier version, and no other short token', async () => {
    const { db, drop } = await testDatabase();
    await seedAdmin(db.prisma, { email: undefined, password: undefined, token: undefined });
    const sha256 = tokenHash('short');
    await db.prisma.accessToken.updateMany({ data: { sha256 } });
    const start = (token: string) => seedAdmin(db.prisma, { email: undefined, password: 'short', token });

    await expect(start('short')).resolves.toBeUndefined();
    await expect(start('shorter')).rejects.toThrow(/^The environment cannot be used:\n {2}ADMIN_TOKEN: /);
    const viewer = await createAuthenticator({ prisma: servicePrisma(db), now: () => new Date() }).authenticate(
      'short',
    );
    expect(viewer).toMatchObject({ role: 'admin' });
    await drop();
  });
});
