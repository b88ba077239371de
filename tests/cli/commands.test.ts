import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createMigratedDatabase } from '../support/database.ts';
import { type Running, startCommand, tidings } from './command.ts';

// Every command is a separate process, which takes seconds on a busy machine.
jest.setTimeout(120_000);

const token = 'admin-token-of-the-commands';
let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
let service: Running;
let url: string;

beforeAll(async () => {
  database = await createMigratedDatabase();
  service = startCommand(['serve'], {
    DATABASE_URL: database.url,
    PORT: '0',
    DRAIN_MS: '0',
    ADMIN_TOKEN: token,
    ADMIN_PASSWORD: 'admin-password',
    ADMIN_EMAIL: 'admin@example.com',
  });
  [, url = ''] = await service.says(/Tidings answers at (\S+)/);
});

afterAll(async () => {
  service.child.kill('SIGTERM');
  expect((await service.ended).code).toBe(0);
  await database.drop();
});

/** Runs a command against the service as its admin. */
const asAdmin = (...words: string[]) => tidings(words, { TIDINGS_URL: url, TIDINGS_TOKEN: token });

async function json<Value>(...words: string[]): Promise<Value> {
  const { stdout, stderr, code } = await asAdmin(...words, '--json');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout) as Value;
}

const unused = 'http://127.0.0.1:1';

describe('tidings', () => {
  it('tidings adds, lists, suspends and activates users', async () => {
    const added = await asAdmin('user', 'add', 'alice@example.com', '--username', 'alice', '--first-name', 'Alice');
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
    expect(await asAdmin('user', 'list', '--search', 'alice')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ID +E-MAIL +USERNAME.*\n\S+ +alice@example.com +alice +member +active +-\n$/),
    });
    expect(await json('user', 'suspend', 'Alice', added.stdout.trim())).toEqual([
      { id: added.stdout.trim(), status: 'suspended' },
    ]);
    expect(await json('user', 'list', '--status', 'suspended')).toMatchObject([{ email: 'alice@example.com' }]);
    expect(await asAdmin('user', 'activate', 'ALICE@example.com')).toMatchObject({
      code: 0,
      stderr: 'alice@example.com is active.\n',
    });
  });

  it('tidings refuses a text that names two users, and takes the kind of key', async () => {
    const users = [
      { external_id: 'twin', email: 'twin-1@example.com' },
      { external_id: 'other', username: 'Twin' },
    ];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    await fetch(`${url}/users`, { method: 'PUT', headers, body: JSON.stringify(users) });

    expect(await asAdmin('user', 'suspend', 'twin')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('{"external_id": "twin"}'),
    });
    expect(await asAdmin('user', 'suspend', '{"username":"TWIN"}')).toMatchObject({ stderr: 'Twin is suspended.\n' });
  });

  it('tidings exports the data of a user to standard output or a file', async () => {
    await asAdmin('user', 'add', 'exported@example.com');
    const exported = await asAdmin('user', 'export', 'exported@example.com');
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    const lines = exported.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(expect.arrayContaining(['export', 'profile', 'end']));

    const file = join(await mkdtemp(join(tmpdir(), 'tidings-export-')), 'user.jsonl');
    const written = await asAdmin('user', 'export', 'exported@example.com', '--output', file);
    expect(written).toMatchObject({
      code: 0,
      stdout: `${file}\n`,
      stderr: expect.stringMatching(/^Exported \d+ lines/),
    });
    expect((await readFile(file, 'utf8')).split('\n')[1]).toBe(lines[1]);
    expect(await asAdmin('user', 'export', 'exported@example.com', '--output', file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force'),
    });
    await rm(dirname(file), { recursive: true });
  });

  it('tidings erases a user only if that is confirmed', async () => {
    await asAdmin('user', 'add', 'erased@example.com');
    expect(await asAdmin('user', 'erase', 'erased@example.com')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    const erased = await json<{ readonly id: string }>('user', 'erase', 'erased@example.com', '--yes');
    expect(erased).toEqual({ id: expect.any(String), completed: true });
    expect(await asAdmin('user', 'erase', 'erased@example.com', '--yes')).toMatchObject({
      code: 1,
      stderr: 'There is no user "erased@example.com".\n',
    });
  });

  it('tidings sends a text and a template, waits for the outcome, and lists the deliveries', async () => {
    expect(await asAdmin('send', 'admin@example.com', '--title', 'Disk full', '--wait')).toMatchObject({ code: 0 });
    const sent = await json<{ deliveries: { status: string; method: string }[] }>(
      ...['send', 'admin@example.com', '--template', 'Workspace Deleted', '--label', 'name=db-1'],
      ...['--label', 'reason=unused', '--label', 'initiator=alice', '--wait'],
    );
    expect(sent.deliveries).toMatchObject([{ method: 'inbox', status: 'sent' }]);
    expect((await asAdmin('deliveries', 'list', '--status', 'sent', '--limit', '1')).stdout).toMatch(
      /^ID +CREATED +METHOD.*\n\S+ +\S+ +inbox +sent/,
    );
    expect(await json('deliveries', 'retry', '--status', 'permanent_failure')).toEqual([]);
  });

  it('tidings sends to a user by external id, alone or beside other keys', async () => {
    const users = [{ external_id: 'crm-Ärger 7', email: 'crm@example.com', username: 'crm' }, { external_id: '4711' }];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    await fetch(`${url}/users`, { method: 'PUT', headers, body: JSON.stringify(users) });
    const text = ['--title', 'Disk full', '--message', 'on db-1', '--wait'];

    for (const names of [['4711'], ['crm-Ärger 7'], ['{"external_id":4711}', 'crm@example.com', 'crm']]) {
      expect(await asAdmin('send', ...names, ...text)).toMatchObject({ code: 0 });
    }
  });

  it('tidings prints new notifications of an inbox until Ctrl-C, which ends it cleanly', async () => {
    const tail = startCommand(['tail', '--last', '1', '--json', '--token', token, '--url', url], {});
    await asAdmin('send', 'admin@example.com', '--title', 'While somebody looks');
    await tail.says(/"subject":"While somebody looks"/);

    tail.child.kill('SIGINT');

    expect(await tail.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('tidings creates, lists and revokes tokens', async () => {
    const created = await asAdmin('token', 'create', 'admin@example.com', 'ci', '--expires-in', '1h');
    const secret = created.stdout.trim();
    expect(secret).toMatch(/^tdg_[0-9A-Za-z]{49}$/);
    const list = ['token', 'list', 'admin@example.com'];
    expect(await tidings(list, { TIDINGS_URL: url, TIDINGS_TOKEN: secret })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ID +NAME +SCOPES +CREATED +LAST USED +EXPIRES\n\S+ +ci .*\n\S+ +static /),
    });
    expect(await asAdmin('token', 'revoke', 'admin@example.com', 'ci')).toMatchObject({
      code: 0,
      stderr: 'The token "ci" of admin@example.com is revoked.\n',
    });
    expect(await tidings(list, { TIDINGS_URL: url, TIDINGS_TOKEN: secret })).toMatchObject({ code: 1, stdout: '' });
  });

  it('tidings rotates the signing keys and keeps the previous one', async () => {
    const keys = async (word: string) => (await json<{ id: string }[]>('signing-keys', word)).map(({ id }) => id);

    const [first] = await keys('rotate');
    const [second, ...older] = await keys('rotate');

    expect(older).toEqual([first]);
    expect(await keys('list')).toEqual([second, first]);
    expect((await asAdmin('signing-keys', 'list')).stdout).toMatch(/^ID +CREATED\n/);
  });

  it('tidings gives an admin who has lost their token a new one, without using the service', async () => {
    const env = { DATABASE_URL: database.url };
    const reset = await tidings(['admin', 'reset', '--email', 'admin@example.com', '--password', '--json'], env);
    expect(JSON.parse(reset.stdout)).toEqual({
      email: 'admin@example.com',
      password: expect.stringMatching(/^[\w-]{24}$/),
    });
    await asAdmin('user', 'add', 'second@example.com', '--role', 'admin');
    const { stdout, code } = await tidings(['admin', 'reset', '--email', 'second@example.com'], env);
    const [, fresh = ''] = /^e-mail +second@example.com\ntoken +(tdg_\w{49})\n$/.exec(stdout) ?? [];
    expect(code).toBe(0);
    expect(await tidings(['resume'], { TIDINGS_URL: url, TIDINGS_TOKEN: fresh })).toMatchObject({ code: 0 });
    expect(await tidings(['admin', 'reset', '--email', 'x@example.com'], env)).toMatchObject({
      code: 1,
      stderr: 'There is no admin x@example.com.\n',
    });
  });

  it('tidings doctor prints one line for each check, and fails if a check fails', async () => {
    const env = { DATABASE_URL: database.url, WEBHOOK_ENDPOINT: url };
    const healthy = await tidings(['doctor'], env);
    expect(healthy).toMatchObject({ code: 0, stderr: '' });
    expect(healthy.stdout.split('\n').map((line) => line.slice(0, 16).trimEnd())).toEqual([
      'ok    database',
      'ok    clock',
      'ok    migrations',
      'ok    counters',
      'ok    webhook',
      '',
    ]);

    const ill = await tidings(['doctor', '--json'], { ...env, WEBHOOK_ENDPOINT: unused });
    expect(ill.code).toBe(1);
    expect(JSON.parse(ill.stdout)).toContainEqual({
      check: 'webhook',
      result: 'fail',
      text: expect.stringMatching(/^127.0.0.1:1 cannot be reached: .*ECONNREFUSED.*\.$/),
      cure: 'Check WEBHOOK_ENDPOINT.',
    });
  });

  it('tidings pauses and resumes the notifier', async () => {
    expect(await asAdmin('pause')).toMatchObject({ code: 0, stderr: 'The notifier is paused.\n' });
    expect(await json('resume')).toEqual({ notifier_paused: false, changed: true });
  });

  it.each([
    ['an unknown command', ['nonsense'], /unknown command 'nonsense'/],
    ['an unknown option', ['user', 'list', '--nonsense'], /unknown option '--nonsense'/],
    ['a missing argument', ['user', 'suspend'], /missing required argument 'user'/],
    ['a value that is none of the choices', ['deliveries', 'list', '--status', 'x'], /Allowed choices are pending/],
    ['a text and a template', ['send', 'x', '--title', 'a', '--template', 'b'], /^Give either --title/],
    ['a retry that names no deliveries', ['deliveries', 'retry'], /^Give either the ids/],
  ])('tidings answers %s with exit code 2 and one sentence', async (_what, words, message) => {
    expect(await tidings(words, { TIDINGS_URL: unused, TIDINGS_TOKEN: token })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });

  it('tidings reports a missing setting and a failure in one sentence', async () => {
    expect(await tidings(['user', 'list'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^A token is needed/),
    });
    expect(await tidings(['user', 'list'], { TIDINGS_URL: unused, TIDINGS_TOKEN: token })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The service at http:\/\/127.0.0.1:1 cannot be reached: .*\.\n$/),
    });
    expect(await tidings(['pause', '--token', 'wrong-token-0123456789'], { TIDINGS_URL: url })).toMatchObject({
      code: 1,
      stderr: 'The service refused: The token that was sent is not valid.\n',
    });
    expect(await asAdmin('user', 'suspend', 'nobody', 'admin@example.com', 'noone')).toMatchObject({
      code: 1,
      stderr: 'There is no user "nobody", "noone".\n',
    });
  });
});
