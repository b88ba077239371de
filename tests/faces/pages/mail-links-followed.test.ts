import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readUnsubscribeKey, signUnsubscription } from '../../../src/preferences/unsubscribe-token.ts';
import { aMailServer, type MailServer } from '../../dispatch/mail-server.ts';
import { aStage, type Stage, templates } from '../../dispatch/stage.ts';
import {
  describeInChromium,
  type PagesStage,
  type Reader,
  signedIn,
  signIn,
  slowly,
  startPages,
} from './support/pages-stage.ts';

describeInChromium('the links of an e-mail, followed in a browser', () => {
  let pages: PagesStage;
  let mailServer: MailServer;
  let dispatch: Stage;
  let robin: Reader;
  let links: string[];
  beforeAll(async () => {
    pages = await startPages();
    mailServer = await aMailServer();
    const { app } = pages;
    dispatch = await aStage(
      { SMTP_URL: mailServer.url, EMAIL_FROM: 'no-reply@example.com' },
      { db: app.db, drop: async () => undefined },
    );
    const key = await readUnsubscribeKey(app.db.prisma);
    robin = await pages.reader();
    await dispatch.enqueue({ recipients: [robin.id] });
    dispatch.start({
      baseUrl: () => app.url,
      unsubscribeToken: (userId, templateId) => signUnsubscription(key, { userId, templateId, channel: 'smtp' }),
    });
    await mailServer.received(1);
    const html = String(mailServer.mails[0]?.html);
    links = [...html.matchAll(/href="([^"]*)"/g)].map(([, url = '']) => url.replaceAll('&amp;', '&'));
  }, slowly);
  afterAll(async () => {
    await dispatch?.close();
    await mailServer?.close();
    await pages?.stop();
  }, slowly);

  const linkTo = (page: string) => links.find((link) => link.startsWith(`${pages.app.url}/${page}`)) ?? '';
  const switchedOff = async () => {
    const where = { user_id: robin.id, channel: 'smtp', is_on: false };
    return (await pages.app.db.prisma.choice.findMany({ where })).map(({ template_id }) => template_id);
  };

  it(
    'the one to the notification opens it after the sign-in',
    async () => {
      const context = await pages.person();
      const page = await context.newPage();
      await page.goto(linkTo('inbox/'));
      await signIn(page, robin);
      const subject = String(mailServer.mails[0]?.subject);
      await page.getByRole('heading', { name: subject, level: 2 }).waitFor();

      expect(page.url()).toBe(linkTo('inbox/'));
      expect(pages.faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'the one to unsubscribe changes nothing before the button, and offers to undo it',
    async () => {
      const context = await pages.person();
      const page = await context.newPage();
      await page.goto(linkTo('unsubscribe/'));
      await page.getByRole('heading', { name: 'Unsubscribe?' }).waitFor();
      expect(await switchedOff()).toEqual([]);
      await page.getByRole('button', { name: 'Unsubscribe' }).click();
      await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor();
      expect(await switchedOff()).toEqual([templates.workspaceDeleted]);
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('heading', { name: 'You are subscribed again' }).waitFor();
      expect(await switchedOff()).toEqual([]);
      await page.getByRole('link', { name: 'All notification preferences' }).click();
      await signIn(page, robin);
      await signedIn(page);

      expect(page.url()).toBe(linkTo('preferences'));
      expect(pages.faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it('the page to unsubscribe cannot be framed, is in no index, and names no token to other pages', async () => {
    const { headers } = await fetch(linkTo('unsubscribe/'));

    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-robots-tag': 'noindex',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
  });
});
