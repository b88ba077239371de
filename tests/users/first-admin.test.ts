import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { tokenHash } from '../../src/auth/token-hash.ts';
import { createAuthenticator } from '../../src/auth/tokens.ts';
import { ConfigError } from '../../src/environment-faults.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { applyAdminSecrets } from '../../src/users/admin-secrets.ts';
import { seedAdmin } from '../../src/users/first-admin.ts';
import { testDatabase } from '../support/database.ts';
import { isPasswordOf } from '../support/passwords.ts';

const nothing = { email: undefined, password: undefined, token: undefined };

describe('seedAdmin', () => {
  it('one admin is created when several nodes start at once, and only one of them gets the generated secrets', async () => {
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
    expect(viewer).toMatchObject({ kind: 'user', id: user?.id, role: 'admin', scopes: null });
    await drop();
  });

  it('uses the given secrets without returning them; a later start makes no second admin', async () => {
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

  it('no admin is created when the generated secrets cannot be stored', async () => {
    const { db, drop } = await testDatabase();
    const full = async () => {
      throw new Error('no space left');
    };

    await expect(seedAdmin(db.prisma, nothing, full)).rejects.toThrow('no space left');

    expect(await db.prisma.user.count()).toBe(0);
    await drop();
  });
});

describe('applyAdminSecrets', () => {
  const given = { email: 'root@example.com', password: 'the first password', token: 'the-first-token-of-root' };

  async function seeded() {
    const { db, drop } = await testDatabase();
    const prisma = servicePrisma(db);
    await seedAdmin(prisma, given);
    const viewerOf = (token: string) => createAuthenticator({ prisma, now: () => new Date() }).authenticate(token);
    const passwords = async () => (await prisma.user.findMany()).map((user) => user.password_hash);
    return { prisma, drop, viewerOf, passwords };
  }

  it('a start with unchanged secrets changes nothing, also with short secrets of an earlier version', async () => {
    const { prisma, drop, passwords } = await seeded();
    const before = await passwords();
    await prisma.accessToken.updateMany({ data: { sha256: tokenHash('short') } });

    expect(await applyAdminSecrets(prisma, { ...given, token: 'short' })).toEqual([]);
    expect(await applyAdminSecrets(prisma, nothing)).toEqual([]);

    expect(await passwords()).toEqual(before);
    await drop();
  });

  it('a start with other secrets replaces the password and the token, also when several nodes start at once', async () => {
    const { prisma, drop, viewerOf, passwords } = await seeded();
    const changed = { ...given, password: 'the second password', token: 'the-second-token-of-root' };

    await Promise.all([1, 2, 3].map(() => applyAdminSecrets(prisma, changed)));

    await expect(viewerOf(given.token)).rejects.toThrow('The token that was sent is not valid');
    expect(await viewerOf(changed.token)).toMatchObject({ role: 'admin' });
    const [hash] = await passwords();
    expect(await isPasswordOf('the second password', hash)).toBe(true);
    expect(await applyAdminSecrets(prisma, changed)).toEqual([]);
    await drop();
  });

  it('a start changes the oldest admin if none has the e-mail address, and never another user', async () => {
    const { prisma, drop, viewerOf } = await seeded();
    await prisma.user.updateMany({ data: { email: 'renamed@example.com' } });
    const member = await prisma.user.create({ data: { id: uuid(), email: given.email } });

    expect(await applyAdminSecrets(prisma, { ...given, token: 'the-second-token-of-root' })).toEqual(['token']);

    expect(await viewerOf('the-second-token-of-root')).toMatchObject({ role: 'admin' });
    expect(await prisma.accessToken.count({ where: { user_id: member.id } })).toBe(0);
    await drop();
  });

  it('refuses a new secret that breaks the rules, and changes nothing', async () => {
    const { prisma, drop, viewerOf } = await seeded();

    const applied = applyAdminSecrets(prisma, { ...given, password: 'short', token: 'shorter' });

    await expect(applied).rejects.toThrow(ConfigError);
    await expect(applied).rejects.toThrow(/ADMIN_PASSWORD: .*\n {2}ADMIN_TOKEN: /);
    expect(await viewerOf(given.token)).toMatchObject({ role: 'admin' });
    await drop();
  });
});
