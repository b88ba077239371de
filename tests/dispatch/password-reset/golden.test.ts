import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import { sendPasswordReset } from '../../../src/dispatch/send-password-reset.ts';
import { helpers } from '../../templates/cases.ts';
import { aMailServer, type MailServer } from '../mail-server.ts';
import { aStage, type Stage } from '../stage.ts';

// The mail that resets a password in every language. `UPDATE_GOLDEN=1 npm test -- golden` rewrites the files.

const golden = new URL('golden/', import.meta.url);
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';
const hourMs = 60 * 60 * 1000;

/** The languages of users, and the language of their mails. */
const languages = {
  'en-GB': 'en',
  de: 'de',
  'es-MX': 'es',
  fr_FR: 'fr',
  it: 'it',
  'NL-be': 'nl',
  'pt-BR': 'pt',
} as const;
const others = [null, '', 'tlh', 'constructor'];

describe('the mail that resets a password', () => {
  let stage: Stage;
  let mailServer: MailServer;
  /** Enqueues the mail for a new user, whose address has this name in it. */
  const enqueue = async (name: string, language: string | null, resetUrl: string | null = null, validMs = hourMs) => {
    const { id } = await stage.aRecipient({ firstName: '*Ada* <b>', email: `ada+${name}@example.com` });
    const expires_at = new Date(helpers.now.getTime() + validMs).toISOString();
    const reset = { fingerprint: 'any', expires_at };
    const { prisma, dispatch } = stage.admin;
    await sendPasswordReset({ prisma, dispatch, now: () => helpers.now }, { userId: id, reset, language, resetUrl });
    return id;
  };
  const mailTo = (name: string): ParsedMail => {
    const address = `ada+${name}@example.com`;
    const found = mailServer.mails.find(({ to }) => [to].flat()[0]?.text === address);
    if (found === undefined) throw new Error(`no mail to ${address} arrived`);
    return found;
  };
  let expired = '';

  beforeAll(async () => {
    mailServer = await aMailServer();
    stage = await aStage({
      SMTP_URL: mailServer.url,
      EMAIL_FROM: 'Tidings <no-reply@tidings.example.com>',
      APP_NAME: 'Tidings & Co',
      APP_URL: 'https://app.example.com',
    });
    for (const tag of Object.keys(languages)) await enqueue(tag, tag);
    for (const [index, tag] of others.entries()) await enqueue(`other-${index}`, tag);
    await enqueue('elsewhere', 'en', 'https://app.example.com/reset?from=mail#top');
    expired = await enqueue('late', 'en', null, 0);
    stage.start({ now: () => helpers.now });
    const count = Object.keys(languages).length + others.length + 1;
    await mailServer.received(count);
    await stage.settled(count + 1);
  }, 60_000);
  afterAll(async () => {
    await stage?.close();
    await mailServer?.close();
  });

  it.each(Object.entries(languages))('in the language %s equals its golden file', async (tag, language) => {
    const { subject, text, html } = mailTo(tag);
    for (const [file, content] of [
      [`${language}.txt`, `Subject: ${subject}\n\n${text}`],
      [`${language}.html`, String(html)],
    ] as const) {
      const url = new URL(file, golden);
      if (isUpdate) await writeFile(url, content);
      expect(content).toBe(await readFile(url, 'utf8'));
    }
    expect(html).toContain(`<html lang="${language}">`);
  });

  it('is in English for every other language', () => {
    for (const index of others.keys()) expect(mailTo(`other-${index}`).subject).toBe('Reset your password');
  });

  it('has a golden file for every language, and no other', async () => {
    const files = Object.values(languages).flatMap((language) => [`${language}.html`, `${language}.txt`]);

    expect((await readdir(golden)).sort()).toEqual(files.sort());
  });

  it('leads to the address of the request, with the token in its query', () => {
    const { text = '' } = mailTo('elsewhere');

    expect(text).toContain('https://app.example.com/reset?from=mail&token=the.token.of-a-reset#top');
  });

  it('has no link or header to unsubscribe', () => {
    for (const { headers, text, html } of mailServer.mails) {
      expect([headers.has('list'), headers.has('list-unsubscribe-post')]).toEqual([false, false]);
      expect(`${text}${html}`).not.toMatch(/unsubscribe/i);
    }
  });

  it('is not sent after its link has expired', async () => {
    const log = await stage.prisma.delivery.findMany({ where: { user_id: expired } });

    expect(log).toMatchObject([{ status: 'inhibited', status_reason: 'the link has expired' }]);
  });
});
