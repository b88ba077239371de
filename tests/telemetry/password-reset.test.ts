import { expect, it } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import pg from 'pg';
import { aMailServer } from '../dispatch/mail-server.ts';
import { aCounter } from '../dispatch/stage.ts';
import { afterwards } from '../faults/afterwards.ts';
import { adminToken } from '../faults/live-requests.ts';
import { aCollector } from './collector.ts';
import { aTracedService } from './stage.ts';

/** A mail server that refuses the first mail and quotes its link. */
async function aServerThatQuotes() {
  const mails: ParsedMail[] = [];
  const arrived = aCounter();
  const server = await aMailServer({
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        arrived.add();
        const refusal = new Error(`450 spam, because of ${linkOf(mail)}`);
        done(mails.length === 1 ? refusal : null);
      }, done);
    },
  });
  afterwards(server.close);
  return { url: server.url, mails, arrived };
}

const linkOf = ({ text = '' }: ParsedMail) => text.match(/https?:\S+token=\S+/)?.[0] ?? '';

/** All rows of all tables, as text. */
async function everythingIn(databaseUrl: string): Promise<string> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables
       where table_schema = current_schema() and table_type = 'BASE TABLE'`,
    );
    const texts = [];
    for (const { name } of rows) {
      const { rows: found } = await client.query<{ text: string }>(`select row::text as text from ${name} as row`);
      texts.push(...found.map(({ text }) => text));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

it('a password is reset by the link of a mail, and the token is in no log, span, table or answer', async () => {
  const mailServer = await aServerThatQuotes();
  const collector = await aCollector();
  afterwards(collector.close);
  const lines: string[] = [];
  const environment = {
    ADMIN_EMAIL: 'ada@example.com',
    SMTP_URL: mailServer.url,
    EMAIL_FROM: 'no-reply@example.com',
    FETCH_INTERVAL_MS: '20',
    RETRY_INTERVAL_MS: '1',
  };
  const service = await aTracedService(collector.url, environment, (line) => lines.push(line));
  const post = (path: string, body: object, headers: object = {}) =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const login = async (password: string) => (await post('/auth/login', { email: 'ada@example.com', password })).status;

  expect((await post('/auth/password/request', { email: 'ada@example.com' })).status).toBe(204);
  await mailServer.arrived.reached(2);
  const [refused, accepted] = mailServer.mails.map(linkOf);
  // A retry sends the same link.
  expect(accepted).toBe(refused);
  expect(accepted).toContain(`${service.url}/reset-password?token=`);
  const token = new URL(accepted ?? '').searchParams.get('token') ?? '';

  const during = await everythingIn(service.databaseUrl);
  const query = '{ notification_deliveries { status status_reason created_by template { id } } }';
  const log = await (await post('/graphql/system', { query }, { authorization: `Bearer ${adminToken}` })).text();
  expect((await fetch(accepted ?? '')).status).toBe(200);
  const form = new URLSearchParams({ password: 'the new password', again: 'the new password' });
  const done = await fetch(accepted ?? '', { method: 'POST', body: form });
  const shown = await done.text();
  expect([done.status, shown]).toEqual([200, expect.stringContaining('Your password is changed')]);
  expect([await login('the new password'), await login('admin-password')]).toEqual([200, 401]);
  const again = await post('/auth/password/reset', { token, password: 'another password' });
  const refusal = await again.text();
  expect(again.status).toBe(403);
  const inGraphQL = await post('/graphql/system', {
    query: 'mutation ($token: String!) { auth_password_reset(token: $token, password: "another password") }',
    variables: { token },
  });
  await collector.until((spans) => spans.some(({ name }) => name === 'POST /reset-password'));
  await service.stop();

  expect(during).toContain('password-reset');
  const places = {
    log: lines.join(),
    spans: collector.posts.map(({ body }) => body.toString()).join(),
    tables: during,
    deliveries: log,
    page: shown,
    errors: refusal + (await inGraphQL.text()),
  };
  expect(places.log).toContain('/reset-password');
  // The first part is the same for all tokens of this kind.
  const [, claims = '', signature = ''] = token.split('.');
  for (const [place, text] of Object.entries(places)) {
    expect([place, text.includes(claims), text.includes(signature)]).toEqual([place, false, false]);
  }
}, 120_000);
