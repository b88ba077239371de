import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { signUnsubscription } from '../../src/preferences/unsubscribe-token.ts';
import { temporaryFolder } from '../support/server.ts';
import { aMailServer, certificates, type MailServer } from './mail-server.ts';
import { aStage, type Line, type Stage, templates, unsubscribeKey } from './stage.ts';

// The numbers in parentheses are cases of the checklist in tests/conformance/coder-checklist.test.ts.

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

async function mailServer(options?: SMTPServerOptions): Promise<MailServer> {
  const made = await aMailServer(options);
  cleanUps.push(made.close);
  return made;
}

async function aStageFor(url: string, more: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const stage = await aStage({
    SMTP_URL: url,
    EMAIL_FROM: 'no-reply@example.com',
    INBOX_ENABLED: 'false',
    RETRY_INTERVAL_MS: '600000',
    ...more,
  });
  cleanUps.push(stage.close);
  return stage;
}

/** Enqueues one message, waits for one attempt and for `inboxed` items, and returns its log line. */
async function sendOne(stage: Stage, { inboxed = 0 } = {}): Promise<Line> {
  const dispatcher = stage.start();
  await stage.enqueue();
  await stage.settled(1);
  await stage.inboxed(inboxed);
  await dispatcher.stop();
  const [line] = await stage.log();
  if (line === undefined) throw new Error('nothing was enqueued');
  return line;
}

const withLogin = ({ port }: MailServer, query = '') => `smtp://us%40er:p%3Ass%20w@127.0.0.1:${port}${query}`;

describe('an e-mail', () => {
  it('an e-mail has sender, recipient, text and HTML parts, message id and unsubscribe link (43)', async () => {
    const server = await mailServer();
    const stage = await aStageFor(server.url, {
      EMAIL_FROM: 'Tidings <no-reply@example.com>',
      LOGO_URL: 'https://x/l.png',
    });

    const line = await sendOne(stage);

    expect(line).toMatchObject({ status: 'sent', reason: null, attempts: 1 });
    const [mail] = server.mails;
    expect(mail?.from?.value).toEqual([{ name: 'Tidings', address: 'no-reply@example.com' }]);
    expect(mail?.to).toMatchObject({ value: [{ address: 'bobby@example.com' }] });
    expect(mail?.messageId).toBe(`<${line.id}@example.com>`);
    expect(mail?.subject).toContain('dev');
    expect(mail?.text).toMatch(/^Hi Bobby,\n\n[\s\S]*inactive/);
    expect(mail?.html).toContain('<p>Hi Bobby,</p>');
    expect(mail?.html).toContain('<img src="https://x/l.png"');
    const token = signUnsubscription(unsubscribeKey, {
      userId: stage.bobby.id,
      templateId: templates.workspaceDeleted,
      channel: 'smtp',
    });
    const unsubscribe = `https://tidings.example.com/unsubscribe/${token}`;
    expect(mail?.text).toContain(unsubscribe);
    expect(mail?.headers.get('list')).toMatchObject({
      unsubscribe: { url: unsubscribe },
      'unsubscribe-post': { name: 'List-Unsubscribe=One-Click' },
    });
    expect(mail?.headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' });
  });

  it('user-supplied names are shown in an e-mail but never interpreted as markup', async () => {
    const server = await mailServer();
    const stage = await aStageFor(server.url);
    const name = '<b>x</b>\r\nBcc: eve@example.com [y](https://evil.example)';

    const dispatcher = stage.start();
    await stage.enqueue({ labels: { name, reason: 'r', initiator: 'i' } });
    await server.received(1);
    await dispatcher.stop();

    const [mail] = server.mails;
    expect(mail?.bcc).toBeUndefined();
    expect(mail?.subject).toContain('<b>x</b> Bcc: eve@example.com [y](https://evil.example)');
    expect(mail?.html).not.toMatch(/<b>|href="https:\/\/evil/);
  });

  it.each([
    ['ops@example.com', '', 'ops@example.com'],
    ['<ops@example.com>', '', 'ops@example.com'],
    ['Ops: Alerts <ops@example.com>', 'Ops: Alerts', 'ops@example.com'],
    ['Ops, Alerts; all (night) <ops@example.com>', 'Ops, Alerts; all (night)', 'ops@example.com'],
    ['"Ops \\"Night\\" <x@y>" <ops+a@example.com>', 'Ops "Night" <x@y>', 'ops+a@example.com'],
    ['Bärbel & Zoë <ops@example.com>', 'Bärbel & Zoë', 'ops@example.com'],
  ])('an e-mail is sent from the configured mailbox: %s', async (EMAIL_FROM, name, address) => {
    const server = await mailServer();
    const stage = await aStageFor(server.url, { EMAIL_FROM });

    await sendOne(stage);

    expect(server.mails[0]?.from?.value).toEqual([{ name, address }]);
  });

  it.each([
    '=?utf-8?Q?x?=',
    'before =?utf-8?B?eA==?= after =?',
    '=?iso-8859-1?q?=E4?= =?iso-8859-1?q?=F6?=',
    `=?utf-8?Q?x?= ${'äöü 😀 '.repeat(15)}`.trim(),
    'plain "words", =3D and ü',
  ])('a subject arrives as it was written: %s', async (subject) => {
    const server = await mailServer();
    const stage = await aStageFor(server.url);
    const dispatcher = stage.start();

    await stage.enqueue({ template: templates.custom, labels: { custom_title: subject, custom_message: 'x' } });
    await stage.settled(1);
    await dispatcher.stop();

    expect(server.mails[0]?.subject).toBe(subject);
  });

  it('e-mails reuse connections', async () => {
    const clients = new Set<number>();
    const server = await mailServer({
      onConnect({ remotePort }, done) {
        clients.add(remotePort);
        done();
      },
    });
    const stage = await aStageFor(server.url);
    const recipients = await Promise.all(Array.from({ length: 40 }, async () => (await stage.aRecipient()).id));

    const dispatcher = stage.start();
    await stage.enqueue({ recipients });
    await server.received(40);
    await dispatcher.stop();

    expect(clients.size).toBeLessThanOrEqual(10);
  });

  it('an e-mail fails for good if the user has no address or no mail server is configured', async () => {
    const server = await mailServer();
    const stage = await aStageFor(server.url);
    const nobody = await stage.aRecipient({ email: '' });
    const unconfigured = await aStage({ INBOX_ENABLED: 'false' });
    cleanUps.push(unconfigured.close);
    await unconfigured.db.query({ text: `update templates set method = 'smtp'`, values: [] });

    stage.start();
    await stage.enqueue({ recipients: [nobody.id] });
    await stage.settled(1);

    expect(await stage.log()).toMatchObject([
      { status: 'permanent_failure', reason: 'the user has no e-mail address' },
    ]);
    expect(await sendOne(unconfigured)).toMatchObject({
      status: 'permanent_failure',
      reason: 'no mail server is configured',
    });
  });
});

describe('a mail server', () => {
  const refusal = (code: number) => Object.assign(new Error('not today'), { responseCode: code });
  it.each<[string, SMTPServerOptions]>([
    ['the connection', { onConnect: (_session, done) => done(refusal(554)) }],
    ['the sender', { onMailFrom: (_address, _session, done) => done(refusal(550)) }],
    ['the recipient', { onRcptTo: (_address, _session, done) => done(refusal(550)) }],
    ['the recipient for now', { onRcptTo: (_address, _session, done) => done(refusal(450)) }],
    [
      'the message',
      {
        onData: (stream, _session, done) => {
          stream.resume();
          stream.on('end', () => done(refusal(554)));
        },
      },
    ],
  ])('a message is retried when the mail server refuses %s (64)', async (_what, options) => {
    const stage = await aStageFor((await mailServer(options)).url);

    expect(await sendOne(stage)).toMatchObject({ status: 'temporary_failure', reason: expect.stringMatching(/\w/) });
  });

  it.each<[string, SMTPServerOptions]>([
    ['at the connection', { onConnect: () => undefined }],
    ['at the recipient', { onRcptTo: () => undefined }],
    ['after the message', { onData: (stream) => void stream.resume() }],
  ])('a mail server that hangs %s costs one attempt and delays no other message', async (_what, options) => {
    const server = await mailServer(options);
    const stage = await aStageFor(server.url, { DISPATCH_TIMEOUT_MS: '200', INBOX_ENABLED: 'true' });

    await sendOne(stage, { inboxed: 1 });

    const log = await stage.log();
    expect(log.find(({ method }) => method === 'inbox')).toMatchObject({ status: 'sent' });
    expect(log.find(({ method }) => method === 'smtp')).toMatchObject({ status: 'temporary_failure' });
  });

  it('a message is retried when the mail server is unreachable', async () => {
    const gone = await aMailServer();
    await gone.close();

    expect(await sendOne(await aStageFor(gone.url))).toMatchObject({
      status: 'temporary_failure',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.each([
    [['LOGIN'], 'LOGIN'],
    [['PLAIN'], 'PLAIN'],
    [['LOGIN', 'PLAIN'], 'PLAIN'],
  ])('a mail server that offers %j gets a sign-in by %s (64)', async (authMethods, method) => {
    const server = await mailServer({ authMethods, authOptional: false, allowInsecureAuth: true });
    const stage = await aStageFor(withLogin(server));

    expect(await sendOne(stage)).toMatchObject({ status: 'sent' });
    expect(server.logins).toEqual([{ method, username: 'us@er', password: 'p:ss w' }]);
  });

  it('the password file takes precedence over the password in the URL (64)', async () => {
    const server = await mailServer({ authOptional: false, allowInsecureAuth: true });
    const folder = await temporaryFolder();
    cleanUps.push(folder.remove);
    const file = join(folder.path, 'password');
    await writeFile(file, 'from the file\n');

    await sendOne(await aStageFor(withLogin(server), { SMTP_PASSWORD_FILE: file }));

    expect(server.logins).toMatchObject([{ password: 'from the file' }]);
  });

  it('a message is retried when the server refuses the password, but not when it supports no authentication (64)', async () => {
    const refusing = await mailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(refusal(535)),
    });
    const without = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] });

    expect(await sendOne(await aStageFor(withLogin(refusing)))).toMatchObject({ status: 'temporary_failure' });
    expect(await sendOne(await aStageFor(withLogin(without)))).toMatchObject({ status: 'permanent_failure' });
    expect(without.mails).toEqual([]);
  });

  it('STARTTLS is used with a trusted certificate of the right name (64)', async () => {
    const names: unknown[] = [];
    const server = await mailServer({
      disabledCommands: [],
      SNICallback: (name, done) => {
        names.push(name);
        done(null, undefined);
      },
      onMailFrom: (_address, session, done) => done(session.secure ? null : refusal(530)),
    });
    const stage = await aStageFor(`${server.url}?requireTLS=true&tls.servername=mail.example.com`, {
      SMTP_TLS_CA_FILE: certificates.ca,
    });

    expect(await sendOne(stage)).toMatchObject({ status: 'sent' });
    expect(names).toEqual(['mail.example.com']);
  });

  it('a message is retried while the certificate is not trusted, unless verification is off (64)', async () => {
    const server = await mailServer({ disabledCommands: [] });

    const untrusted = await sendOne(await aStageFor(`${server.url}?requireTLS=true`));
    const careless = await sendOne(await aStageFor(`${server.url}?requireTLS=true&tls.rejectUnauthorized=false`));

    expect(untrusted).toMatchObject({ status: 'temporary_failure', reason: expect.stringMatching(/certificate/i) });
    expect(careless).toMatchObject({ status: 'sent' });
  });

  it('a mail server without STARTTLS gets nothing if STARTTLS is required', async () => {
    const server = await mailServer();

    expect(await sendOne(await aStageFor(`${server.url}?requireTLS=true`))).toMatchObject({
      status: 'temporary_failure',
    });
    expect(server.mails).toEqual([]);
  });

  it('smtps uses TLS from the start (64)', async () => {
    const server = await mailServer({ secure: true });
    const stage = await aStageFor(`smtps://127.0.0.1:${server.port}?tls.servername=mail.example.com`, {
      SMTP_TLS_CA_FILE: certificates.ca,
      SMTP_TLS_CERT_FILE: certificates.cert,
      SMTP_TLS_KEY_FILE: certificates.key,
    });

    expect(await sendOne(stage)).toMatchObject({ status: 'sent' });
  });

  it('an unreadable file of the mail configuration stops the start and is named (64)', async () => {
    const stage = await aStageFor('smtp://127.0.0.1:1', { SMTP_TLS_CA_FILE: '/nowhere/ca.pem' });

    expect(() => stage.start()).toThrow('/nowhere/ca.pem');
  });
});
