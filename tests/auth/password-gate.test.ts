import { afterEach, describe, expect, it } from '@jest/globals';
import { createPasswordGate } from '../../src/auth/password-gate.ts';
import { hashPassword } from '../../src/auth/passwords.ts';
import { createSignIn } from '../../src/auth/sign-in.ts';
import { createTokenWatch } from '../../src/auth/token-watch.ts';
import { servicePrisma } from '../../src/prisma.ts';
import { createUsers } from '../../src/users/write.ts';
import { failureOf } from '../notifications/people.ts';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';
import { isPasswordOf } from '../support/passwords.ts';
import { closeClients, connectRealtime } from '../support/realtime-client.ts';

afterEach(closeClients);

const app = useTestApp({ TRUST_PROXY: 'loopback', WEBSOCKETS_REST_AUTH: 'public' });
const password = 'a password of theirs';
let made = 0;

async function aUser(role: 'admin' | 'member' = 'member'): Promise<Person & { readonly email: string }> {
  made += 1;
  const user = { email: `user-${made}@example.com`, token: `the-token-of-user-${made}` };
  const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ ...user, password, role }]);
  return { ...user, id };
}

const connect = (address: string) =>
  connectRealtime(`${app().url}/websocket`, { headers: { 'x-forwarded-for': address } });
const hashOf = async ({ id }: Person) =>
  (await app().db.prisma.user.findUniqueOrThrow({ where: { id } })).password_hash;

/** CPU time of the whole process in milliseconds. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
const cpuOfHashing = () => cpuOf(() => hashPassword(password, { key: 'test', isRefusable: false }));

describe('guesses at passwords', () => {
  it('password guesses from one address do not delay a correct password from elsewhere', async () => {
    const { email } = await aUser();
    const guessers = await Promise.all(Array.from({ length: 120 }, () => connect('6.6.6.6')));
    const owner = await connect('1.1.1.1');
    const one = await cpuOfHashing();
    let answered = 0;

    let answer: unknown;
    let before = 0;
    const cost = await cpuOf(async () => {
      const guesses = guessers.map(async (client) => {
        await expect(client.ask({ type: 'auth', email, password: 'a guess' })).resolves.toMatchObject({
          error: { code: 'AUTH_FAILED' },
        });
        answered += 1;
      });
      answer = await owner.ask({ type: 'auth', email, password });
      before = answered;
      await Promise.all(guesses);
    });

    expect(answer).toMatchObject({ type: 'auth', status: 'ok' });
    // One is checked and two wait; all others are refused unchecked.
    expect(before).toBeLessThan(120);
    expect(cost).toBeLessThan(20 * one);
  });

  it('password guesses of disconnected clients are not checked', async () => {
    const { email } = await aUser();
    const guess = { type: 'auth', email, password: 'a guess' };
    const first = await connect('7.7.7.7');
    const others = [await connect('7.7.7.7'), await connect('7.7.7.7')];
    const one = await cpuOfHashing();

    const cost = await cpuOf(async () => {
      const asked = first.ask(guess);
      for (const other of others) {
        other.send(guess);
        // The pong shows that everything sent before was read.
        other.socket.ping();
        await new Promise((resolve) => other.socket.once('pong', resolve));
        other.socket.terminate();
      }
      await asked;
      // If those passwords were checked, this one would be checked after them.
      await expect(first.ask({ type: 'auth', email, password })).resolves.toMatchObject({ status: 'ok' });
    });

    expect(cost).toBeLessThan(3.5 * one);
  });
});

describe('signing in', () => {
  /** A sign-in whose delays are recorded and end immediately, unless held. */
  function aSignIn(hold?: Promise<unknown>) {
    const waits: number[] = [];
    const prisma = servicePrisma(app().db);
    const tokens = createTokenWatch({ prisma, now: () => new Date() });
    const signIn = createSignIn({
      prisma,
      tokens,
      authenticate: () => Promise.reject(new Error('no tokens here')),
      gate: createPasswordGate({
        wait: async (ms) => {
          waits.push(ms);
          await hold;
        },
      }),
    });
    return { waits, ...signIn };
  }

  it('signing in is delayed after five failures from the same address only', async () => {
    const { email } = await aUser();
    const { waits, withPassword } = aSignIn();
    const guess = (address: string) => failureOf(withPassword(email, 'a guess', { address }));

    for (let index = 0; index < 7; index += 1) {
      expect(await guess('1.1.1.1')).toEqual({ code: 'INVALID_CREDENTIALS' });
    }
    const { viewer } = await withPassword(email, password, { address: '2.2.2.2' });

    expect(viewer).toMatchObject({ kind: 'user' });
    expect(waits).toEqual([1000, 2000]);
  });

  it('signing in with a correct password after failures is delayed once, and then the failures are forgiven', async () => {
    const { email } = await aUser();
    const { waits, withPassword } = aSignIn();
    const address = '1.1.1.1';
    for (let index = 0; index < 5; index += 1) await failureOf(withPassword(email, 'a guess', { address }));

    await withPassword(email, password, { address });
    await withPassword(email, password, { address });

    expect(waits).toEqual([1000]);
  });

  it('signing in delays at most two concurrent attempts at one account and twenty from one address, and refuses more immediately', async () => {
    const users = [await aUser(), await aUser()];
    let go = () => {};
    const { waits, withPassword } = aSignIn(
      new Promise<void>((resolve) => {
        go = resolve;
      }),
    );
    const attempt = ({ email }: { email: string }) => failureOf(withPassword(email, 'a guess', { address: '1.1.1.1' }));
    const [one, other] = users;
    if (!one || !other) throw new Error('There are no users.');
    for (let index = 0; index < 5; index += 1) await attempt(one);

    const held = [attempt(one), attempt(one)];
    const refused = await Promise.all(Array.from({ length: 30 }, () => attempt(one)));
    held.push(attempt(other));
    const everywhere = Array.from({ length: 30 }, (_, index) => attempt({ email: `nobody-${index}@example.com` }));
    const alsoRefused = await Promise.all(everywhere.slice(17));

    for (const failure of [...refused, ...alsoRefused]) expect(failure).toMatchObject({ code: 'REQUESTS_EXCEEDED' });
    expect(waits).toHaveLength(20);
    go();
    await Promise.all([...held, ...everywhere]);
    // Finished waits make room.
    await attempt(one);
    expect(waits).toHaveLength(21);
  });

  it('a delayed sign-in does not delay others', async () => {
    const { email } = await aUser();
    let go = () => {};
    const { withPassword } = aSignIn(
      new Promise<void>((resolve) => {
        go = resolve;
      }),
    );
    for (let index = 0; index < 5; index += 1) {
      await failureOf(withPassword(email, 'a guess', { address: '1.1.1.1' }));
    }
    const held = Array.from({ length: 30 }, () => failureOf(withPassword(email, 'a guess', { address: '1.1.1.1' })));

    await expect(withPassword(email, password, { address: '2.2.2.2' })).resolves.toBeDefined();

    go();
    expect(new Set((await Promise.all(held)).map((failure) => (failure as { code: string }).code))).toEqual(
      new Set(['INVALID_CREDENTIALS', 'REQUESTS_EXCEEDED']),
    );
  });
});

describe('setting passwords', () => {
  it('setting a password 40 times in one PATCH hashes only the last', async () => {
    const member = await aUser();
    const one = await cpuOfHashing();
    const body = Array.from({ length: 40 }, (_, index) => ({ id: member.id, password: `password ${index}` }));

    const cost = await cpuOf(async () => {
      expect(await send(app(), '/users', { as: member, method: 'PATCH', body })).toMatchObject({ status: 200 });
    });

    expect(cost).toBeLessThan(15 * one);
    expect(await isPasswordOf('password 39', await hashOf(member))).toBe(true);
  });

  it('a member who sets a password by 40 aliases in one document is refused from the eleventh on', async () => {
    const member = await aUser();
    const fields = Array.from(
      { length: 40 },
      (_, index) => `a${index}: update_users_me(data: { password: "password ${index}" }) { id }`,
    );

    const { body } = await graphql(app(), member, `mutation { ${fields.join(' ')} }`);

    const codes = body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
    expect(codes).toEqual(Array(30).fill('REQUESTS_EXCEEDED'));
    expect(await isPasswordOf('password 9', await hashOf(member))).toBe(true);
    expect(await send(app(), '/users/me', { as: member, method: 'PATCH', body: { password } })).toMatchObject({
      status: 429,
    });
  });

  it('concurrent requests of a member that set a password are refused when the queue is full', async () => {
    const member = await aUser();
    const change = () => send(app(), '/users/me', { as: member, method: 'PATCH', body: { password } });

    const statuses = (await Promise.all(Array.from({ length: 9 }, change))).map(({ status }) => status);

    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(3);
  });

  it('an admin who sets a different password for each of many users is never refused', async () => {
    const { admin } = app().people;
    const users = Array.from({ length: 12 }, (_, index) => ({
      email: `made-${index}@example.com`,
      password: `password ${index}`,
    }));
    const others = Array.from({ length: 3 }, () => aUser());

    const { body } = await send(app(), '/users?fields=id', { as: admin, body: users });
    await Promise.all(others);

    expect(body.data).toHaveLength(12);
    const hashes = await Promise.all(body.data.map(hashOf));
    expect(new Set(hashes).size).toBe(12);
    expect(await isPasswordOf('password 11', hashes[11] ?? '')).toBe(true);
  });
});
