import { describe, expect, it, jest } from '@jest/globals';
import { openDatabase } from '../../src/database/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { findUserByName, usernamesByCase } from '../../src/users/usernames.ts';
import { createUsers, type UserInput, updateUsers, updateUsersBatch } from '../../src/users/write.ts';
import type { Context } from '../notifications/people.ts';
import { failureOf, people } from '../notifications/people.ts';
import { createDatabase, onTestDatabase } from '../support/database.ts';
import { migrationsBefore } from '../support/migrations.ts';
import { asAdmin } from '../support/server.ts';

const { db } = await onTestDatabase();
async function aMember(context: Context, user: UserInput): Promise<string> {
  const [id = ''] = await createUsers(context, [user]);
  return id;
}
const taken = (value: string | null) => ({
  code: 'RECORD_NOT_UNIQUE',
  collection: 'directus_users',
  field: 'username',
  value,
});

describe('a username', () => {
  it('a username is found in any letter case and stored as given', async () => {
    const { admin } = await people(db);
    const [id = ''] = await createUsers(admin, [{ username: 'Zoë.Smith' }]);

    for (const name of ['Zoë.Smith', 'zoë.smith', 'ZOË.SMITH'])
      expect(await findUserByName(servicePrisma(db), name)).toBe(id);
    expect(await findUserByName(servicePrisma(db), 'zoe.smith')).toBeUndefined();
    expect(await db.prisma.user.findUnique({ where: { id } })).toMatchObject({ username: 'Zoë.Smith' });
  });

  it('a username is taken in every letter case, also within one write and by an update', async () => {
    const { admin } = await people(db);
    const id = await aMember(admin, { username: 'Carol' });
    const other = await aMember(admin, { username: 'dave' });

    expect(await failureOf(createUsers(admin, [{ username: 'CAROL' }]))).toEqual(taken('CAROL'));
    expect(await failureOf(createUsers(admin, [{ username: 'erin' }, { username: 'Erin' }]))).toEqual(taken(null));
    expect(await failureOf(updateUsers(admin, [other], { username: 'carol' }))).toEqual(taken('carol'));
    expect(await failureOf(updateUsersBatch(admin, [{ id: other, username: 'cAROL' }]))).toEqual(taken('cAROL'));
    await updateUsers(admin, [id], { username: 'carol' });
    await updateUsers(admin, [id], { username: 'carol', first_name: 'Carol' });
    await updateUsers(admin, [id], { username: null });
    await updateUsers(admin, [other], { username: 'CAROL' });
    expect(await findUserByName(servicePrisma(db), 'carol')).toBe(other);
  });

  it('only one of several concurrent writes gets a username', async () => {
    const { admin } = await people(db);

    const writes = await Promise.allSettled(
      ['Frank', 'FRANK', 'frank', 'fRANK', 'franK'].map((username) => createUsers(admin, [{ username }])),
    );

    const refused = writes.flatMap((write) => (write.status === 'rejected' ? [write.reason] : []));
    expect(refused).toHaveLength(4);
    for (const error of refused)
      expect(error).toMatchObject({ code: 'RECORD_NOT_UNIQUE', extensions: { field: 'username' } });
  });
});

describe('older usernames that differ only by letter case', () => {
  it('older usernames that differ only by letter case are found by exact spelling and listed, and no further one can be added', async () => {
    const database = await createDatabase('template template0');
    try {
      await migrate(database.url, {
        log: { info: jest.fn() },
        folder: await migrationsBefore('20261130120000_folded_usernames'),
      });
      await asAdmin(database.url, async (client) => {
        await client.query(`
          insert into users (id, username) values
            ('11111111-1111-4111-8111-111111111111', 'Bob'), ('22222222-2222-4222-8222-222222222222', 'bob'),
            ('33333333-3333-4333-8333-333333333333', 'BOB'), ('44444444-4444-4444-8444-444444444444', 'Ann'), (gen_random_uuid(), null)`);
        await migrate(database.url, { log: { info: jest.fn() } });
        const query = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;
        const own = await openDatabase({ url: database.url, poolSize: 1 });
        const prisma = servicePrisma(own);

        expect(await usernamesByCase(prisma)).toEqual(['BOB', 'Bob', 'bob']);
        expect(await findUserByName(prisma, 'BOB')).toMatch(/^3333/);
        expect(await findUserByName(prisma, 'bob')).toMatch(/^2222/);
        expect(await findUserByName(prisma, 'boB')).toBeUndefined();
        expect(await findUserByName(prisma, 'ANN')).toMatch(/^4444/);
        // Writing back the value read is no change.
        await query(`update users set username = 'BOB', title = 'x' where username = 'BOB'`);
        const insert = `insert into users (id, username) values (gen_random_uuid(), 'boB')`;
        await expect(query(insert)).rejects.toMatchObject({ code: '23505', constraint: 'users_username_key' });
        await query(`delete from users where username = 'Bob'`);
        await expect(query(insert)).rejects.toMatchObject({ code: '23505' });
        await query(`update users set username = 'robert' where username = 'bob'`);
        expect(await usernamesByCase(prisma)).toEqual([]);
        expect(await findUserByName(prisma, 'boB')).toMatch(/^3333/);
        await expect(query(insert)).rejects.toMatchObject({ code: '23505' });
        await query(`update users set username = 'Robert' where username = 'robert'`);
        await query(`delete from users where username = 'BOB'`);
        await query(insert);
        await own.close();
      });
    } finally {
      await database.drop();
    }
  });
});
