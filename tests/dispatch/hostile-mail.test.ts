import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../faults/killed-midway.ts';
import { aMailServer } from './mail-server.ts';
import { aStage, type Stage } from './stage.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

let stage: Stage;
beforeAll(async () => {
  stage = await aStage({
    SMTP_URL: 'smtp://127.0.0.1:1',
    EMAIL_FROM: 'no-reply@example.com',
    RETRY_INTERVAL_MS: '600000',
    DISPATCH_TIMEOUT_MS: '300',
  });
});
afterAll(() => stage.close());

let tried = 0;

/** Enqueues a message for each recipient, waits for one attempt of each, and returns their log lines. */
async function sendThrough(url: string, { recipients = [stage.bobby.id], timeoutMs = 300 } = {}) {
  const { smtp, ...config } = stage.config;
  if (smtp === undefined) throw new Error('no mail server is configured');
  const dispatcher = stage.start({ config: { ...config, timeoutMs, smtp: { ...smtp, url } } });
  const { ids } = await stage.enqueue({ recipients });
  tried += recipients.length;
  await stage.settled(tried);
  const own = new Set(Object.values(ids).flat());
  const log = async () => (await stage.log()).filter(({ id }) => own.has(id));
  // Results of the inbox are not among those that settle.
  await eventually('the deliveries to the inbox', async () =>
    (await log()).every(({ method, status }) => method !== 'inbox' || status === 'sent'),
  );
  await dispatcher.stop();
  return log();
}

/** The step of a session at which the server misbehaves. */
const moments = ['greeting', 'EHLO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'the end of the message'] as const;
type Moment = (typeof moments)[number];

const behaviours: Readonly<Record<string, (socket: Socket) => void>> = {
  hangs: () => undefined,
  'hangs up': (socket) => socket.resetAndDestroy(),
  'says goodbye': (socket) => void socket.end(),
  'answers garbage': (socket) => void socket.write('\0\xff what?\r\n'),
  'talks without end': (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write('250-and another thing\r\n'.repeat(1000)));
    };
    socket.on('drain', more);
    more();
  },
  'refuses for now': (socket) => void socket.write('451 not now\r\n'),
  'refuses for good': (socket) => void socket.write('554 never\r\n'),
};

/** The responses of a server that accepts everything. */
const answers: Readonly<Record<string, string>> = {
  greeting: '220 mail.example.com ESMTP',
  EHLO: '250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN',
  AUTH: '235 ok',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  'the end of the message': '250 taken',
  QUIT: '221 bye',
};

/** A mail server that works up to the given step, and misbehaves there. */
async function aHostileServer(moment: Moment, behave: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let rest = '';
    let isMessage = false;
    const say = (what: string) => {
      if (what === moment) behave(socket);
      else socket.write(`${answers[what] ?? '502 what?'}\r\n`);
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (isMessage && line !== '.') continue;
        say(isMessage ? 'the end of the message' : (line.split(' ')[0] ?? '').toUpperCase());
        isMessage = !isMessage && line === 'DATA' && moment !== 'DATA';
      }
    });
    say('greeting');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(moments)('a mail server that, at %s,', (moment) => {
  it.each(Object.entries(behaviours))(
    'a mail server that %s costs one attempt and delays no other message',
    async (_what, behave) => {
      const host = await aHostileServer(moment, behave);
      const query = moment === 'STARTTLS' ? '?requireTLS=true' : '?ignoreTLS=true';

      const log = await sendThrough(`smtp://user:password@${host}${query}`);

      expect(log.find(({ method }) => method === 'inbox')).toMatchObject({ status: 'sent' });
      expect(log.find(({ method }) => method === 'smtp')).toMatchObject({
        status: 'temporary_failure',
        reason: expect.stringMatching(/\w/),
        attempts: 1,
      });
    },
  );
});

describe('a mail server that never responds for some recipients', () => {
  it('a mail server that never responds for some recipients still gets the mails of all others over the same connections', async () => {
    const server = await aMailServer({
      onRcptTo({ address }, _session, done) {
        if (!address.startsWith('stuck')) done();
      },
    });
    cleanUps.push(server.close);
    const people = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        stage.aRecipient({ email: `${index % 2 === 0 ? 'stuck' : 'fine'}-${index}@example.com` }),
      ),
    );

    const log = await sendThrough(server.url, { recipients: people.map(({ id }) => id), timeoutMs: 2500 });

    const statuses = log.filter(({ method }) => method === 'smtp').map(({ status }) => status);
    expect(statuses.filter((status) => status === 'sent')).toHaveLength(12);
    expect(statuses.filter((status) => status === 'temporary_failure')).toHaveLength(12);
    expect(server.mails).toHaveLength(12);
  });
});
