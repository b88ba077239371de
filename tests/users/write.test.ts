import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { userViewer } from '../../src/auth/viewer.ts';
import { createUsers, type UserInput, updateUsers, updateUsersBatch } from '../../src/users/write.ts';
import type { Context } from '../notifications/people.ts';
import { failureOf, people } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';
import { isPasswordOf } from '../support/passwords.ts';

const { db } = await onTestDatabase();

const userOf = (id: string | undefined) =>
  db.prisma.user.findUniqueOrThrow({ where: { id: id ?? '' }, include: { accessTokens: true } });

const unknownField: UserInput & { last_access: string } = { last_access: 'now' };
let made = 0;

/** Creates a user with a unique e-mail. */
async function aMember(admin: Context, more: UserInput = {}): Promise<string> {
  made += 1;
  const [id] = await createUsers(admin, [{ email: `member-${made}@example.com`, ...more }]);
  if (id === undefined) throw new Error('not created');
  return id;
}

describe('createUsers', () => {
  it('stores the given fields of a user and fills in defaults', async () => {
    const { admin } = await people(db);
    const id = uuid();

    const ids = await createUsers(admin, [
      {
        id: id.toUpperCase(),
        email: '  Grace.Hopper@Example.COM ',
        username: 'grace',
        first_name: 'Grace',
        last_name: 'Hopper',
        title: 'Rear admiral',
        location: 'Arlington',
        description: 'x'.repeat(300),
        avatar: uuid(),
        language: 'en-US',
        role: 'admin',
        status: 'suspended',
        email_notifications: false,
      },
      {},
    ]);

    expect(ids[0]).toBe(id);
    expect(await userOf(ids[0])).toMatchObject({
      email: 'grace.hopper@example.com',
      username: 'grace',
      first_name: 'Grace',
      role: 'admin',
      status: 'suspended',
      email_notifications: false,
      password_hash: null,
      accessTokens: [],
    });
    expect(await userOf(ids[1])).toMatchObject({
      email: null,
      role: 'member',
      status: 'active',
      email_notifications: true,
    });
  });

  it('stores neither password nor token in readable form', async () => {
    const { admin } = await people(db);

    const user = await userOf(await aMember(admin, { password: 'correct horse', token: 'a-secret-token-of-theirs' }));

    expect(await isPasswordOf('correct horse', user.password_hash ?? '')).toBe(true);
    expect(await isPasswordOf('wrong horse', user.password_hash ?? '')).toBe(false);
    expect(user.accessTokens).toMatchObject([{ name: 'static' }]);
    expect(JSON.stringify(user)).not.toContain('secret');
  });

  it('names a value that is taken and creates no user', async () => {
    const { admin } = await people(db);
    const id = await aMember(admin, { email: 'taken@example.com', username: 'taken', token: 'a-token-that-is-taken' });
    const before = await db.prisma.user.count();

    for (const [faulty, field, value] of [
      [{ email: ' TAKEN@example.com' }, 'email', ' TAKEN@example.com'],
      [{ username: 'taken' }, 'username', 'taken'],
      [{ username: 'TakeN ' }, 'username', 'TakeN '],
      [{ id }, 'id', id],
      [{ token: 'a-token-that-is-taken' }, 'token', '**********'],
    ] as const) {
      expect(await failureOf(createUsers(admin, [{ first_name: 'New' }, faulty]))).toEqual({
        code: 'RECORD_NOT_UNIQUE',
        collection: 'directus_users',
        field,
        value,
      });
    }
    expect(await db.prisma.user.count()).toBe(before);
  });

  it.each([
    ['an e-mail address without @', { email: 'nobody' }, { field: 'email', type: 'email' }],
    ['two e-mail addresses in one', { email: 'a@b.c,d@e.f' }, { field: 'email', type: 'email' }],
    ['an e-mail address with a line break', { email: 'a@b.c\nBcc: d@e.f' }, { field: 'email', type: 'email' }],
    ['a username that looks like an id', { username: uuid() }, { field: 'username' }],
    ['the username me', { username: 'Me' }, { field: 'username' }],
    ['an empty username', { username: ' ' }, { field: 'username' }],
    ['another role', { role: 'owner' }, { field: 'role', type: 'in' }],
    ['no role', { role: null }, { field: 'role', type: 'nnull' }],
    ['another status', { status: 'invited' }, { field: 'status', type: 'in' }],
    ['an id that is no uuid', { id: '1' }, { field: 'id', type: 'uuid' }],
    ['an avatar that is no uuid', { avatar: 'x' }, { field: 'avatar', type: 'uuid' }],
    ['an empty password', { password: '' }, { field: 'password' }],
    ['a password of seven characters', { password: '1234567' }, { field: 'password' }],
    ['a password of seven characters with more code units', { password: 'e\u0301'.repeat(7) }, { field: 'password' }],
    ['a token of fifteen characters', { token: 'x'.repeat(15) }, { field: 'token' }],
    ['a token that is too long', { token: 'x'.repeat(256) }, { field: 'token' }],
    ['a token with a space', { token: 'two words' }, { field: 'token' }],
    ['a token with spaces', { token: 'not a good token' }, { field: 'token' }],
    ['NUL characters', { title: '\0' }, { field: 'title', type: 'string' }],
    ['an unknown field', unknownField, { field: 'last_access', type: 'unknown' }],
  ])('refuses a user with %s', async (_title, faulty, expected) => {
    const { admin } = await people(db);

    expect(await failureOf(createUsers(admin, [faulty]))).toMatchObject({ code: 'FAILED_VALIDATION', ...expected });
  });

  it('reports every invalid field of a user at once', async () => {
    const { admin } = await people(db);

    expect(await failureOf(createUsers(admin, [{ email: 'x', first_name: 'x'.repeat(256), role: 'x' }]))).toMatchObject(
      [
        { code: 'VALUE_TOO_LONG', field: 'first_name' },
        { code: 'FAILED_VALIDATION', field: 'email' },
        { code: 'FAILED_VALIDATION', field: 'role' },
      ],
    );
  });

  it('lets only admins create users', async () => {
    const { alice, anonymous } = await people(db);

    expect(await failureOf(createUsers(alice, [{ role: 'x' }]))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(createUsers(anonymous, [{}]))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await createUsers(anonymous, [])).toEqual([]);
  });
});

describe('updateUsers', () => {
  it('updates the given fields of users and skips unknown ids', async () => {
    const { admin } = await people(db);
    const id = await aMember(admin, { first_name: 'Ada', password: 'a password', token: 'the-token-of-ada' });
    const before = await userOf(id);

    expect(await updateUsers(admin, [uuid(), id], { last_name: 'Lovelace', id: uuid() })).toEqual([id]);

    expect(await userOf(id)).toEqual({ ...before, last_name: 'Lovelace' });
  });

  it('replaces and removes the token of a user', async () => {
    const { admin } = await people(db);
    const id = await aMember(admin, { token: 'the-first-token-of-theirs' });
    const [first] = (await userOf(id)).accessTokens;

    await updateUsers(admin, [id], { token: 'the-second-token-of-theirs' });
    const [second, ...rest] = (await userOf(id)).accessTokens;
    await updateUsers(admin, [id], { token: null });

    expect(second?.sha256).not.toEqual(first?.sha256);
    expect(rest).toEqual([]);
    expect((await userOf(id)).accessTokens).toEqual([]);
  });

  it('ignores a masked secret that is written back', async () => {
    const { admin } = await people(db);
    const id = await aMember(admin, { password: 'a password', token: 'another-token-of-theirs' });
    const before = await userOf(id);

    await updateUsers(admin, [id], { password: '**********', token: '**********' });

    expect(await userOf(id)).toEqual(before);
  });

  it('names a value that is taken and changes no user', async () => {
    const { admin } = await people(db);
    await aMember(admin, { email: 'first@example.com', token: 'the-token-of-first' });
    const id = await aMember(admin);

    for (const [change, field] of [
      [{ email: 'FIRST@example.com' }, 'email'],
      [{ token: 'the-token-of-first' }, 'token'],
    ] as const) {
      expect(
        await failureOf(
          updateUsersBatch(admin, [
            { id, title: 'Changed' },
            { id, ...change },
          ]),
        ),
      ).toMatchObject({
        code: 'RECORD_NOT_UNIQUE',
        field,
      });
    }
    expect((await userOf(id)).title).toBeNull();
  });

  it('lets members change a few of their own fields', async () => {
    const { admin } = await people(db);
    const id = await aMember(admin);
    const member: Context = { ...admin, viewer: userViewer(id, 'member') };

    await updateUsers(member, [id], {
      email_notifications: false,
      language: 'de-DE',
      timezone: 'Europe/Berlin',
      password: 'a new one',
    });

    const user = await userOf(id);
    expect(user).toMatchObject({ email_notifications: false, language: 'de-DE', timezone: 'Europe/Berlin' });
    expect(await isPasswordOf('a new one', user.password_hash ?? '')).toBe(true);
  });

  it('refuses members all other changes', async () => {
    const { alice, bob, ids, anonymous } = await people(db);

    expect(await failureOf(updateUsers(alice, [ids.alice], { role: 'admin', language: 'x', token: null }))).toEqual({
      code: 'FORBIDDEN',
      reason: expect.stringContaining('"role", "token"'),
    });
    for (const keys of [[ids.alice], [ids.bob, ids.alice], [uuid()], ['x'], []]) {
      expect(await failureOf(updateUsers(bob, keys, { language: 'x' }))).toEqual({ code: 'FORBIDDEN' });
    }
    expect(await failureOf(updateUsers(anonymous, [ids.alice], {}))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('updateUsersBatch', () => {
  it('applies a separate change to each user of a batch and requires every id', async () => {
    const { admin } = await people(db);
    const [one, two] = [await aMember(admin), await aMember(admin)];

    expect(
      await updateUsersBatch(admin, [
        { id: one, title: 'One' },
        { id: two, title: 'Two' },
      ]),
    ).toEqual([one, two]);

    expect((await userOf(two)).title).toBe('Two');
    expect(await failureOf(updateUsersBatch(admin, [{ title: 'x' }]))).toMatchObject({ code: 'INVALID_PAYLOAD' });
    expect(await updateUsersBatch(admin, [])).toEqual([]);
  });
});
