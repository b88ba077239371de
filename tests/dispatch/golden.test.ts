import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { createDispatchPort } from '../../src/dispatch/dispatch-port.ts';
import { createNotifications } from '../../src/notifications/write.ts';
import { systemTemplates } from '../../src/templates/system-templates.ts';
import { aPayload, helpers, slugOf } from '../templates/cases.ts';
import { enqueueEveryTemplate, wantEveryTemplate, writtenByAPerson } from './every-template.ts';
import { aMailServer, type MailServer } from './mail-server.ts';
import { aReceiver, type Receiver } from './receiver.ts';
import { aCounter, aStage, baseUrl, type Stage } from './stage.ts';

// Case 66 of the checklist: what the mail server and the endpoint receive for every template. `UPDATE_GOLDEN=1 npm test
// -- tests/dispatch/golden` rewrites the golden files; review the difference before committing. Ids, the user and the
// clock are fixed. The date of a mail and the boundary between its parts come from the mail library and are left out.

const golden = new URL('golden/', import.meta.url);
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

const { user_id: ada, user_email: email } = aPayload();
const written = 'written-by-a-person';

/** A received mail with its source. */
interface Arrived {
  readonly mail: ParsedMail;
  readonly source: string;
}

let stage: Stage;
let mailServer: MailServer;
let endpoint: Receiver;
const mails = new Map<string, Arrived>();
const posts = new Map<string, string>();

beforeAll(async () => {
  const arrived = aCounter();
  mailServer = await aMailServer({
    onData(stream, _session, done) {
      read(stream).then(async (source) => {
        const mail = await simpleParser(source);
        mails.set(mail.messageId ?? '', { mail, source });
        done();
        arrived.add();
      }, done);
    },
  });
  endpoint = await aReceiver();
  stage = await aStage({
    SMTP_URL: mailServer.url,
    EMAIL_FROM: 'Tidings <no-reply@tidings.example.com>',
    WEBHOOK_ENDPOINT: endpoint.url,
    INBOX_ENABLED: 'false',
    LOGO_URL: helpers.logoUrl,
  });
  await enqueueEverything();

  stage.start({ now: () => helpers.now });
  await arrived.reached(systemTemplates.length + 1);
  await endpoint.received(systemTemplates.length);
  for (const { headers, text } of endpoint.requests) posts.set(headers['x-message-id'] ?? '', text);
}, 60_000);

afterAll(async () => {
  await stage.close();
  await mailServer.close();
  await endpoint.close();
});

/** One message of each template by each method, and the mail of a notification written by a person. */
async function enqueueEverything(): Promise<void> {
  const { db, config } = stage;
  await db.query({
    text: `insert into users (id, email, first_name, last_name, username, role)
           values ($1, $2, 'Ada', 'Lindqvist', 'ada', 'admin')`,
    values: [ada, email],
  });
  await db.query(wantEveryTemplate(ada));
  for (const defaultMethod of ['smtp', 'webhook'] as const) {
    const dispatch = createDispatchPort({ ...config, defaultMethod }, { baseUrl, wake: () => undefined });
    const context = { ...stage.contextOf({ id: ada, email }, 'admin'), dispatch, now: () => helpers.now };
    await enqueueEveryTemplate(context, ada);
  }
  const person = { ...stage.contextOf({ id: ada, email }, 'admin'), now: () => helpers.now };
  await createNotifications(person, [{ recipient: ada, ...writtenByAPerson }]);
  await db.query({
    text: renamed(`case when notification_id is null then right(template_id::text, 12) else repeat('0', 12) end`),
    values: [idStart('smtp'), 'smtp'],
  });
  await db.query({
    text: renamed('right(template_id::text, 12)'),
    values: [idStart('webhook'), 'webhook'],
  });
}

/** Gives the deliveries of a method, and their queue rows, fixed ids. @param end the suffix of the ids */
const renamed = (end: string) => `
  with renamed as (
    update deliveries set id = ($1 || ${end})::uuid where method = $2 returning old.id as was, new.id as now
  )
  update queued_deliveries set delivery_id = renamed.now from renamed where delivery_id = renamed.was`;

const idStart = (method: 'smtp' | 'webhook') => `0193e5a0-0000-7000-800${method === 'smtp' ? 1 : 2}-`;
const idOf = (method: 'smtp' | 'webhook', template: string) => idStart(method) + template.slice(-12);

function mailFor(template: string): Arrived {
  const arrived = mails.get(`<${idOf('smtp', template)}@tidings.example.com>`);
  if (arrived === undefined) throw new Error('no such mail arrived');
  return arrived;
}

async function read(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Everything but the HTML: the headers in order, the types of the parts, and the text. */
function textGolden({ mail, source }: Arrived): string {
  const shown: Readonly<Record<string, string | undefined>> = {
    subject: `Subject: ${mail.subject}`,
    'content-type': `Content-Type: ${(mail.headers.get('content-type') as { value: string }).value}`,
  };
  const headers = mail.headerLines
    .filter(({ key }) => key !== 'date')
    .map(({ key, line }) => shown[key] ?? line.replace(/\r?\n\s+/g, ' '));
  const parts = [...source.matchAll(/^Content-Type: (text\/[^\r\n]*)/gm)].map(([, type]) => type);
  return `${headers.join('\n')}\n[${parts.join('] [')}]\n\n${mail.text}`;
}

async function expectGolden(file: string, text: string): Promise<void> {
  const url = new URL(file, golden);
  if (isUpdate) await writeFile(url, text);
  expect(text).toBe(await readFile(url, 'utf8'));
}

describe('golden files', () => {
  const named = systemTemplates.map(({ name, id }) => [name, id] as const);

  it.each([...named, [written, '0'.repeat(12)] as const])(
    'the mail of a template equals its golden file (66): %s',
    async (name, id) => {
      const arrived = mailFor(id);

      await expectGolden(`${slugOf(name)}.txt`, textGolden(arrived));
      await expectGolden(`${slugOf(name)}.html`, String(arrived.mail.html));
    },
  );

  it.each(named)('the webhook of a template equals its golden file (66): %s', async (name, id) => {
    const text = posts.get(idOf('webhook', id)) ?? '';

    await expectGolden(`${slugOf(name)}.json`, `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    // The golden file is indented; the posted body is the same JSON without whitespace.
    expect(text).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('every mail has a date', () => {
    for (const { mail } of mails.values()) expect(Date.now() - (mail.date?.getTime() ?? 0)).toBeLessThan(60_000);
  });

  it('there is a golden file for every template, and no other (66)', async () => {
    const ofTemplates = systemTemplates.flatMap(({ name }) =>
      ['txt', 'html', 'json'].map((end) => `${slugOf(name)}.${end}`),
    );

    expect((await readdir(golden)).sort()).toEqual([...ofTemplates, `${written}.html`, `${written}.txt`].sort());
  });
});
