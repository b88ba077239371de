import { expect, it } from '@jest/globals';
import { tokenOfMail } from '../../support/password-reset.ts';
import { describeInChromium, signedIn, signIn, slowly, usePages } from './support/pages-stage.ts';

describeInChromium('signing in on the page of the inbox', () => {
  const stage = usePages({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });

  /** A new browser at the page of the inbox. */
  async function visitor(path = '/inbox') {
    const context = await stage().person();
    const page = await context.newPage();
    await page.goto(stage().app.url + path);
    return { context, page };
  }

  it(
    'a password opens the inbox, with a cookie that scripts cannot read',
    async () => {
      const { reader, faults } = stage();
      const { context, page } = await visitor();
      await signIn(page, await reader());
      await signedIn(page);

      expect(await context.cookies()).toEqual([
        expect.objectContaining({ name: 'directus_session_token', httpOnly: true, sameSite: 'Lax', secure: false }),
      ]);
      expect(await page.evaluate('document.cookie + Object.values(sessionStorage)')).toBe('');
      expect(new URL(page.url()).pathname).toBe('/inbox');
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'the keyboard alone is enough, and the session is there after a reload',
    async () => {
      const { email, password } = await stage().reader();
      const { context, page } = await visitor();
      await page.getByLabel('E-mail address').waitFor();
      // The first field has the focus.
      await page.keyboard.type(email);
      await page.keyboard.press('Tab');
      await page.keyboard.type(password);
      await page.keyboard.press('Enter');
      await signedIn(page);
      await page.reload();
      await signedIn(page);

      await context.close();
    },
    slowly,
  );

  it(
    'a wrong password is named in words that belong to both fields, and the next attempt works',
    async () => {
      const robin = await stage().reader();
      const { context, page } = await visitor();
      await signIn(page, { ...robin, password: 'another-password' });
      await page.getByRole('alert').getByText('The e-mail address or the password is wrong').waitFor();
      const field = page.getByLabel('Password');
      const described = await field.evaluate((input) => {
        const id = input.getAttribute('aria-describedby') ?? '';
        return [input.getAttribute('aria-invalid'), input.ownerDocument.getElementById(id)?.getAttribute('role')];
      });

      expect(described).toEqual(['true', 'alert']);
      expect(await field.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
      await signIn(page, robin);
      await signedIn(page);
      await context.close();
    },
    slowly,
  );

  it(
    'a suspended user is told that the account may be suspended',
    async () => {
      const robin = await stage().reader();
      await stage().app.db.prisma.user.update({ where: { id: robin.id }, data: { status: 'suspended' } });
      const { context, page } = await visitor();
      await signIn(page, robin);
      await page.getByRole('alert').getByText('or your account is suspended').waitFor();

      await context.close();
    },
    slowly,
  );

  it.each([
    [429, { 'retry-after': '150' }, 'Please try again in 3 minutes.'],
    [429, { 'retry-after': '7' }, 'Please try again in 7 seconds.'],
    [503, {}, 'The service cannot be reached.'],
  ])(
    'an answer %i with the headers %j is told as: %s',
    async (status, headers, words) => {
      const robin = await stage().reader();
      const { context, page } = await visitor();
      const code = status === 429 ? 'REQUESTS_EXCEEDED' : 'SERVICE_UNAVAILABLE';
      await page.route('**/auth/login', (route) =>
        route.fulfill({ status, headers, json: { errors: [{ message: 'refused', extensions: { code } }] } }),
      );
      await signIn(page, robin);
      await page.getByRole('alert').getByText(words).waitFor();

      await context.close();
    },
    slowly,
  );

  it(
    'a forgotten password leads to a mail with a link, in the same words for every address',
    async () => {
      const { app, reader } = stage();
      const { id, email } = await reader();
      const { context, page } = await visitor();
      for (const address of ['nobody@example.com', email]) {
        await page.goto(`${app.url}/inbox`);
        await page.getByLabel('E-mail address').fill(address);
        await page.getByRole('button', { name: 'Forgot password?' }).click();
        await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor();
        expect(await page.getByLabel('E-mail address').inputValue()).toBe(address);
        await page.getByRole('button', { name: 'Send link' }).click();
        await page.getByRole('status').getByText('the link is on its way').waitFor();
      }
      await tokenOfMail(app.db, id);
      const mails = await app.db.prisma.delivery.findMany({ where: { user_id: id } });

      expect(mails).toHaveLength(1);
      await page.getByRole('button', { name: 'Back to sign-in' }).click();
      await page.getByLabel('Password').waitFor();
      await context.close();
    },
    slowly,
  );

  it(
    'the page is in the language of the browser, and then in that of the user',
    async () => {
      const { app, person, reader } = stage();
      const robin = await reader();
      await app.db.prisma.user.update({ where: { id: robin.id }, data: { language: 'ar' } });
      const context = await person({ locale: 'de-DE' });
      const page = await context.newPage();
      await page.goto(`${app.url}/inbox`);
      await page.getByLabel('E-Mail-Adresse').fill(robin.email);
      await page.getByLabel('Passwort').fill(robin.password);
      await page.getByRole('button', { name: 'Anmelden', exact: true }).click();
      await page.getByRole('button', { name: 'حساب Robin Reader' }).waitFor();

      expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dir]')).toEqual([
        'ar',
        'rtl',
      ]);
      await context.close();
    },
    slowly,
  );
});
