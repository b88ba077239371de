import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import { createNotifications } from '../../src/notifications/write.ts';
import { readUnsubscribeKey, signUnsubscription } from '../../src/preferences/unsubscribe-token.ts';
import { systemTemplates } from '../../src/templates/system-templates.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { enqueueEveryTemplate, wantEveryTemplate, writtenByAPerson } from './every-template.ts';
import { aMailServer, type MailServer } from './mail-server.ts';
import { aStage, type Stage } from './stage.ts';

// Every mail that the service can send, with every link in it followed on a running service.

const application = 'https://app.example.com';

let app: TestApp;
let mailServer: MailServer;
let stage: Stage;

beforeAll(async () => {
  app = await startTestApp();
  mailServer = await aMailServer();
  const { db } = app;
  stage = await aStage(
    { SMTP_URL: mailServer.url, EMAIL_FROM: 'no-reply@example.com', INBOX_ENABLED: 'false', APP_URL: application },
    { db, drop: async () => undefined },
  );
  const { alice } = app.people;
  await db.query(wantEveryTemplate(alice.id));
  const context = stage.contextOf({ id: alice.id, email: 'alice@example.com' }, 'admin');
  await enqueueEveryTemplate(context, alice.id);
  await createNotifications(context, [{ recipient: alice.id, ...writtenByAPerson }]);

  const key = await readUnsubscribeKey(db.prisma);
  stage.start({
    baseUrl: () => app.url,
    unsubscribeToken: (userId, templateId) => signUnsubscription(key, { userId, templateId, channel: 'smtp' }),
  });
  await mailServer.received(systemTemplates.length + 1);
}, 60_000);

afterAll(async () => {
  await stage?.close();
  await app?.stop();
  await mailServer?.close();
});

/** The addresses in the HTML attributes, the plain text and the List-Unsubscribe header of a mail. */
function linksOf({ html, text = '', headers }: ParsedMail): string[] {
  const attributes = [...String(html).matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url = '']) => url);
  const written = text.match(/\b\w+:\/\/[^\s<>()]+/g) ?? [];
  const { unsubscribe } = headers.get('list') as unknown as { readonly unsubscribe: { readonly url: string } };
  return [...attributes.map((url) => url.replaceAll('&amp;', '&')), ...written, unsubscribe.url];
}

const isOwn = (url: string) => url.startsWith(app.url);
const choicesOfAlice = () =>
  app.db.prisma.choice.findMany({
    where: { user_id: app.people.alice.id },
    select: { template_id: true, channel: true, is_on: true },
  });

describe('the links of a mail', () => {
  it('lead to pages of this service that exist, or to absolute addresses elsewhere', async () => {
    const links = new Set(mailServer.mails.flatMap(linksOf));
    const own = [...links].filter(isOwn);

    const found = await Promise.all(own.map(async (url) => [url, (await fetch(url)).status] as const));

    expect(found.filter(([, status]) => status >= 400)).toEqual([]);
    // There is one unsubscribe link for each template, and one for mails without a template.
    expect(own.length).toBeGreaterThanOrEqual(systemTemplates.length);
    for (const url of links) expect(url).toMatch(/^https?:\/\/[^/\s]+/);
    expect([...links].filter((url) => url.includes('/preferences'))).toEqual([`${app.url}/preferences`]);
  });

  it('lead to the application from every button', () => {
    const buttons = mailServer.mails.flatMap(({ html }) =>
      [...String(html).matchAll(/<a class="button[^"]*" href="([^"]*)"/g)].map(([, url = '']) => url),
    );

    expect(buttons.length).toBeGreaterThan(systemTemplates.length);
    for (const url of buttons) expect(url).toMatch(/^https:\/\/app\.example\.com(\/|$)/);
  });

  it('unsubscribe when requested by POST; by GET they show one button and change nothing', async () => {
    const { text = '', headers } = mailServer.mails[0] as ParsedMail;
    const { unsubscribe } = headers.get('list') as unknown as { readonly unsubscribe: { readonly url: string } };
    const before = await choicesOfAlice();

    const shown = await (await fetch(unsubscribe.url)).text();
    const unchanged = await choicesOfAlice();
    const answer = await fetch(unsubscribe.url, {
      method: 'POST',
      body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
    });

    expect(shown.match(/<button/g)).toHaveLength(1);
    expect(text).toContain(unsubscribe.url);
    expect(unchanged).toEqual(before);
    expect(answer.status).toBe(200);
    expect(await choicesOfAlice()).toEqual([{ template_id: expect.any(String), channel: 'smtp', is_on: false }]);
  });
});
