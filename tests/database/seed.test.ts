import { describe, expect, it } from '@jest/globals';
import { isPassword } from '../../src/auth/passwords.ts';
import { createAuthenticator } from '../../src/auth/tokens.ts';
import { seedAdmin } from '../../src/database/seed.ts';
import { testDatabase } from '../support/database.ts';

const nothing = { email: undefined, password: undefined, token: undefined };

describe('seedAdmin', () => {
  it('makes one admin, however many nodes start at once, and tells what it generated', async () => {
    const { db, drop } = await testDatabase();
    const seeded = await Promise.all([1, 2, 3, 4].map(() => seedAdmin(db, nothing)));

    const made = seeded.filter((admin) => admin !== undefined);
    expect(made).toHaveLength(1);
    const [user, ...more] = await db.prisma.user.findMany();
    expect(more).toEqual([]);
    expect(user).toMatchObject({ email: made[0]?.email, role: 'admin', status: 'active' });
    expect(await isPassword(made[0]?.password ?? '', user?.passwordHash ?? '')).toBe(true);
    const viewer = await createAuthenticator({ db, now: () => new Date() }).authenticate(made[0]?.token ?? '');
    expect(viewer).toEqual({ kind: 'user', id: user?.id, role: 'admin' });
    await drop();
  });

  it('takes what is given and does not repeat it; a later start changes nothing', async () => {
    const { db, drop } = await testDatabase();
    const given = { email: 'Root@Example.com', password: 'a password', token: 'a-given-token' };

    expect(await seedAdmin(db, given)).toEqual({ email: 'root@example.com' });
    const before = await db.prisma.user.findMany({ include: { accessTokens: true } });
    expect(await seedAdmin(db, { ...given, token: 'another-token' })).toBeUndefined();
    expect(await db.prisma.user.findMany({ include: { accessTokens: true } })).toEqual(before);
    await drop();
  });
});
