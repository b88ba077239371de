import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { tokenHash } from '../../src/auth/token-hash.ts';
import { bearerToken, createAuthenticator } from '../../src/auth/tokens.ts';
import type { Sql } from '../../src/database/sql.ts';
import { createUsers, deleteUsers, updateUsers } from '../../src/users/write.ts';
import { failureOf, people, theTime } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';
import { withStatements } from '../support/statements.ts';

const { db } = await onTestDatabase();

let made = 0;

/** A user with a token, an authenticator over a database that counts queries, and a controllable clock. */
async function aStage() {
  made += 1;
  const asked: string[] = [];
  const counted = withStatements(db, {
    query<Row>(sql: Sql) {
      asked.push(sql.name ?? sql.text);
      return db.query<Row>(sql);
    },
  });
  const users = await people(counted);
  const token = `token-of-number-${made}`;
  const [id = ''] = await createUsers(users.admin, [{ token }]);
  const clock = { ms: theTime.getTime() };
  const authenticator = createAuthenticator({ prisma: users.admin.prisma, now: () => new Date(clock.ms) });
  asked.length = 0;
  const lookUps = () => asked.filter((name) => name === 'find_token').length;
  return { ...users, authenticator, token, id, clock, lookUps };
}

const refused = { code: 'INVALID_CREDENTIALS' };

describe('authenticate', () => {
  it('authentication returns the viewer of a token', async () => {
    const { authenticator, token, id } = await aStage();

    expect(await authenticator.authenticate(token)).toMatchObject({ kind: 'user', id, role: 'member', scopes: null });
  });

  it('authentication refuses unknown tokens and does not cache them', async () => {
    const { authenticator, lookUps } = await aStage();

    expect(await failureOf(authenticator.authenticate('unknown-token'))).toEqual(refused);
    expect(await failureOf(authenticator.authenticate('unknown-token'))).toEqual(refused);
    expect(await failureOf(authenticator.authenticate(''))).toEqual(refused);
    expect(lookUps()).toBe(3);
  });

  it('authentication looks up concurrent uses of one token once, and caches it for two seconds', async () => {
    const { authenticator, token, lookUps, clock } = await aStage();

    await Promise.all(Array.from({ length: 20 }, () => authenticator.authenticate(token)));
    clock.ms += 1_900;
    await authenticator.authenticate(token);
    expect(lookUps()).toBe(1);

    clock.ms += 200;
    await authenticator.authenticate(token);
    expect(lookUps()).toBe(2);
  });

  it('authentication applies changes made on this node immediately', async () => {
    const { authenticator, token, id, admin } = await aStage();
    await authenticator.authenticate(token);

    await updateUsers(admin, [id], { role: 'admin' });
    expect(await authenticator.authenticate(token)).toMatchObject({ role: 'admin' });

    await updateUsers(admin, [id], { status: 'suspended' });
    expect(await failureOf(authenticator.authenticate(token))).toEqual(refused);

    await updateUsers(admin, [id], { status: 'active', token: 'quite-another-token' });
    expect(await failureOf(authenticator.authenticate(token))).toEqual(refused);
    await authenticator.authenticate('quite-another-token');

    await deleteUsers(admin, [id]);
    expect(await failureOf(authenticator.authenticate('quite-another-token'))).toEqual(refused);
  });

  it('authentication applies changes made elsewhere when the cache entry of the token expires or is dropped', async () => {
    const { authenticator, token, id, clock } = await aStage();
    await authenticator.authenticate(token);
    await db.query({ text: `update users set role = 'admin' where id = $1`, values: [id] });
    expect(await authenticator.authenticate(token)).toMatchObject({ role: 'member' });

    authenticator.invalidate(id);
    expect(await authenticator.authenticate(token)).toMatchObject({ role: 'admin' });

    await db.query({ text: `update users set status = 'suspended' where id = $1`, values: [id] });
    clock.ms += 2_001;
    expect(await failureOf(authenticator.authenticate(token))).toEqual(refused);
  });

  it('authentication does not cache a lookup started before a change', async () => {
    const { authenticator, token, id, admin } = await aStage();

    const early = authenticator.authenticate(token);
    authenticator.invalidate(id);
    await updateUsers(admin, [id], { status: 'suspended' });
    await early.catch(() => undefined);

    expect(await failureOf(authenticator.authenticate(token))).toEqual(refused);
  });

  it('authentication refuses an expired token even while it is cached', async () => {
    const { authenticator, id, clock } = await aStage();
    const token = `expiring-token-${made}`;
    await db.prisma.accessToken.create({
      data: { id: uuid(), user_id: id, name: 'short', sha256: tokenHash(token), expires_at: new Date(clock.ms + 500) },
    });

    await authenticator.authenticate(token);
    clock.ms += 501;

    expect(await failureOf(authenticator.authenticate(token))).toEqual(refused);
  });

  it('authentication records the last access of a token at most once a minute', async () => {
    const { authenticator, token, id, clock } = await aStage();
    const accessAfter = async (ms: number) => {
      clock.ms = theTime.getTime() + ms;
      authenticator.invalidate();
      await authenticator.authenticate(token);
      // The update runs in the background, on the same connection pool; it is finished when these queries are.
      for (let round = 0; round < 50; round++) await db.query({ text: 'select 1', values: [] });
      const user = await db.prisma.user.findUniqueOrThrow({ where: { id }, include: { accessTokens: true } });
      return [user.last_access?.getTime(), user.accessTokens[0]?.last_used_at?.getTime()].map(
        (time) => (time ?? 0) - theTime.getTime(),
      );
    };

    expect(await accessAfter(0)).toEqual([0, 0]);
    expect(await accessAfter(59_000)).toEqual([0, 0]);
    expect(await accessAfter(61_000)).toEqual([61_000, 61_000]);
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER  abc ', 'abc'],
    ['Basic abc', undefined],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['Bearer a b', undefined],
    [undefined, undefined],
  ])('the Authorization header %j gives the token %j', (authorization, token) => {
    expect(bearerToken(authorization === undefined ? {} : { authorization }, {})).toBe(token);
  });

  it('reads the token from the query parameter', () => {
    expect(bearerToken({}, { access_token: 'abc' })).toBe('abc');
    expect(bearerToken({ authorization: 'Basic x' }, { access_token: 'abc' })).toBe('abc');
    expect(bearerToken({ authorization: 'Bearer x' }, { access_token: '' })).toBe('x');
    expect(bearerToken({}, undefined)).toBeUndefined();
  });

  it('refuses a request with two tokens', () => {
    const refusal = expect.objectContaining({ code: 'INVALID_PAYLOAD' });

    expect(() => bearerToken({ authorization: 'Bearer a' }, { access_token: 'a' })).toThrow(refusal);
    expect(() => bearerToken({}, { access_token: ['a', 'b'] })).toThrow(refusal);
  });
});
