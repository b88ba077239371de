import { describe, expect, it } from '@jest/globals';
import { userViewer } from '../../src/auth/viewer.ts';
import { prepareUpsert, type UserEntry, upsertUsers, writeUpsert } from '../../src/users/upsert.ts';
import { createUsers, type UserInput } from '../../src/users/write.ts';
import { failureOf, people } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase();
const { admin, alice } = await people(db);
const other = await onTestDatabase();

let made = 0;
/** A text that no other test uses. */
const unique = (name: string) => {
  made += 1;
  return `${name}-${made}`;
};
const stored = (id: string | undefined) => db.prisma.user.findUniqueOrThrow({ where: { id: id ?? '' } });
const aUser = async (input: UserInput) => (await createUsers(admin, [input]))[0] ?? '';
/** The results without errors; of a refusal the code and the field. */
const upsert = async (entries: readonly UserEntry[], isPartial = false) =>
  (await upsertUsers(admin, entries, isPartial)).map((result) =>
    result.status === 'refused'
      ? { index: result.index, status: result.status, code: result.error.code, field: result.error.extensions['field'] }
      : result,
  );

describe('upsertUsers', () => {
  it('creates, updates and leaves unchanged, each found by its external id', async () => {
    const [a, b, c] = [unique('a'), unique('b'), unique('c')];
    const kept = { external_id: a, first_name: 'Ann', timezone: 'Europe/Berlin' };
    const ids = [await aUser(kept), await aUser({ external_id: b, first_name: 'Ben', last_name: 'Bo' })];

    const results = await upsert([
      kept,
      { external_id: b, first_name: 'Bea' },
      { external_id: c, email: `${c}@x.org` },
    ]);

    expect(results).toEqual([
      { index: 0, status: 'unchanged', id: ids[0] },
      { index: 1, status: 'updated', id: ids[1] },
      { index: 2, status: 'created', id: expect.any(String) },
    ]);
    expect(await stored(ids[1])).toMatchObject({ first_name: 'Bea', last_name: 'Bo' });
    expect(await db.prisma.user.findFirst({ where: { external_id: c } })).toMatchObject({
      email: `${c}@x.org`,
      role: 'member',
      status: 'active',
      email_notifications: true,
      password_hash: null,
    });
  });

  it('finds a user by e-mail if none has the external id, and stores the external id', async () => {
    const name = unique('mail');
    const id = await aUser({ email: `${name}@x.org` });

    expect(await upsert([{ external_id: name, email: `${name.toUpperCase()}@X.org`, title: 'Dr' }])).toEqual([
      { index: 0, status: 'updated', id },
    ]);
    expect(await upsert([{ email: `${name}@x.org`, title: null }])).toEqual([{ index: 0, status: 'updated', id }]);
    expect(await stored(id)).toMatchObject({ external_id: name, title: null });
  });

  it('keeps, clears and changes fields of each entry on its own', async () => {
    const [a, b, c] = [unique('a'), unique('b'), unique('c')];
    const before = { first_name: 'Ada', title: 'Dr', avatar: 'f517da0b-cdc9-410f-ab89-a86107c420ed' };
    for (const external_id of [a, b, c]) await aUser({ ...before, external_id, email_notifications: false });

    const results = await upsert([
      { external_id: a, first_name: null, role: 'reader' },
      { external_id: b, title: 'a "b" \\ {c}\n', email_notifications: true },
      { external_id: c, avatar: null, status: 'suspended' },
      { external_id: unique('d'), first_name: '"', email_notifications: false },
    ]);

    expect(results.map(({ status }) => status)).toEqual(['updated', 'updated', 'updated', 'created']);
    const kept = { ...before, role: 'member', status: 'active', email_notifications: false };
    const users = await Promise.all(results.map((result) => stored('id' in result ? result.id : undefined)));
    expect(users).toMatchObject([
      { ...kept, first_name: null, role: 'reader' },
      { ...kept, title: 'a "b" \\ {c}\n', email_notifications: true },
      { ...kept, avatar: null, status: 'suspended' },
      { first_name: '"', title: null, role: 'member', email_notifications: false },
    ]);
  });

  it.each<[string, UserEntry, string, string]>([
    ['neither an external id nor an e-mail', { first_name: 'X' }, 'FAILED_VALIDATION', 'external_id'],
    ['an invalid e-mail address', { external_id: 'q', email: 'nope' }, 'FAILED_VALIDATION', 'email'],
    ['an invalid language', { external_id: 'q', language: 'klingon language' }, 'FAILED_VALIDATION', 'language'],
    ['an unknown time zone', { external_id: 'q', timezone: 'Mars' }, 'FAILED_VALIDATION', 'timezone'],
    ['an unknown role', { external_id: 'q', role: 'king' }, 'FAILED_VALIDATION', 'role'],
    ['a long name', { external_id: 'q', first_name: 'x'.repeat(256) }, 'VALUE_TOO_LONG', 'first_name'],
    ['a password', Object.assign({ external_id: 'q' }, { pass: 'x' }), 'FAILED_VALIDATION', 'pass'],
  ])('refuses %s: only that entry when partial, else all, naming the index', async (_title, entry, code, field) => {
    const good = unique('good');

    expect(await failureOf(upsertUsers(admin, [{ external_id: good }, entry]))).toMatchObject({
      code,
      field,
      index: 1,
    });
    expect(await db.prisma.user.count({ where: { external_id: good } })).toBe(0);
    expect(await upsert([{ external_id: good }, entry], true)).toMatchObject([
      { index: 0, status: 'created' },
      { index: 1, status: 'refused', code, field },
    ]);
  });

  it('refuses keys of other users, and names index and value', async () => {
    const [one, two] = [unique('one'), unique('two')];
    const id = await aUser({ external_id: one, email: `${one}@x.org`, username: one });
    await aUser({ external_id: two, email: `${two}@x.org`, username: two });

    const results = await upsert(
      [
        { external_id: one, email: `${two}@x.org` },
        { external_id: unique('new'), username: two.toUpperCase() },
        { external_id: unique('new'), email: `${one}@x.org` },
        { external_id: id, email: `${unique('new')}@x.org` },
      ],
      true,
    );

    expect(results).toEqual(
      ['email', 'username', 'email', 'external_id'].map((field, index) => ({
        index,
        status: 'refused',
        code: 'RECORD_NOT_UNIQUE',
        field,
      })),
    );
    expect(await failureOf(upsertUsers(admin, [{ external_id: one, email: `${two}@x.org` }]))).toMatchObject({
      index: 0,
      field: 'email',
      value: `${two}@x.org`,
    });
  });

  it('refuses the second of two entries for one user', async () => {
    const name = unique('twice');
    await aUser({ external_id: name, email: `${name}@x.org` });

    const results = await upsert(
      [
        { external_id: name },
        { external_id: name },
        { email: `${name}@x.org` },
        { email: `n${name}@x.org` },
        { email: `N${name}@X.org` },
      ],
      true,
    );

    expect(results.map(({ status }) => status)).toEqual(['unchanged', 'refused', 'refused', 'created', 'refused']);
    expect(results[4]).toMatchObject({ field: 'email', code: 'FAILED_VALIDATION' });
  });

  it('refuses members, and lets a token with the scope users change members only', async () => {
    const boss = unique('boss');
    await aUser({ external_id: boss, role: 'admin' });
    const limits = { kind: 'access_token', id: null, scopes: ['users'], expires_at: null } as const;
    const viewer = userViewer(admin.viewer.kind === 'user' ? admin.viewer.id : '', 'admin', limits);
    const context = { ...admin, viewer };

    expect(await failureOf(upsertUsers(alice, [{ external_id: 'x' }]))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(upsertUsers(context, [{ external_id: boss, role: 'member' }]))).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await upsertUsers(context, [{ external_id: boss, title: 'x' }], true)).toMatchObject([
      { status: 'refused', error: { code: 'FORBIDDEN' } },
    ]);
    expect(await upsertUsers(context, [{ external_id: unique('new') }])).toMatchObject([{ status: 'created' }]);
  });

  it('keeps the last active admin', async () => {
    const { admin: only } = await people(other.db);
    const own = await other.db.prisma.user.findFirstOrThrow({ where: { role: 'admin', status: 'active' } });
    await other.db.prisma.user.updateMany({ where: { role: 'admin', NOT: { id: own.id } }, data: { role: 'member' } });
    await other.db.prisma.user.update({ where: { id: own.id }, data: { external_id: 'boss' } });

    for (const change of [{ role: 'member' }, { status: 'suspended' }]) {
      expect(await failureOf(upsertUsers(only, [{ external_id: 'boss', ...change }]))).toMatchObject({
        code: 'FORBIDDEN',
      });
    }
    expect(await upsertUsers(only, [{ external_id: 'boss', role: 'admin' }])).toMatchObject([{ status: 'unchanged' }]);
  });

  it('reads a table that was small when it was analyzed by its indexes', async () => {
    const { admin: boss } = await people(other.db);
    const names = Array.from({ length: 500 }, () => unique('many'));
    const entries = names.map((name) => ({ external_id: name, email: `${name}@x.org`, username: name }));
    await other.db.query({ text: 'analyze users', values: [] });

    const rowsRead = await boss.prisma.$transaction(async (transaction) => {
      for (const last_name of ['Bell', 'Lace']) {
        const prepared = prepareUpsert(
          boss,
          entries.map((entry) => ({ ...entry, last_name })),
          false,
        );
        await writeUpsert(transaction, boss, prepared);
      }
      const [read] = await transaction.user.query<{ rows: number }>({
        text: `select seq_tup_read as rows from pg_stat_xact_user_tables where relname = 'users'`,
        values: [],
      });
      return read?.rows;
    });

    // Each statement may read the table once.
    expect(rowsRead).toBeLessThan(names.length * 10);
  });

  it('concurrent lists of the same users in opposite orders store each user once', async () => {
    const names = Array.from({ length: 200 }, () => unique('race'));
    const entries = names.map((name) => ({ external_id: name, email: `${name}@x.org` }));
    const lists = [entries, entries.toReversed(), entries, entries.toReversed()].map((list, index) =>
      list.map((entry) => ({ ...entry, first_name: `list ${index}` })),
    );

    const results = await Promise.all(lists.map((list) => upsertUsers(admin, list)));

    const all = results.flat();
    expect(all.filter(({ status }) => status === 'created')).toHaveLength(200);
    expect(all.filter(({ status }) => status === 'refused')).toEqual([]);
    const users = await db.prisma.user.findMany({ where: { external_id: { in: names } } });
    expect(users).toHaveLength(200);
    expect(new Set(users.map(({ first_name }) => first_name)).size).toBe(1);
  });

  it('concurrent lists that give one e-mail to two users refuse one of them', async () => {
    const email = `${unique('both')}@x.org`;
    const lists = ['p', 'q', 'r'].map((name) => [{ external_id: unique(name), email }]);

    const results = await Promise.all(lists.map((list) => upsertUsers(admin, list, true)));

    expect(
      results
        .flat()
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['created', 'refused', 'refused']);
  });
});
