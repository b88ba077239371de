import { expect, it } from '@jest/globals';
import { graphql } from '../../support/client.ts';
import { describeInChromium, signedIn, signIn, slowly, usePages } from './support/pages-stage.ts';

describeInChromium('a token that another page hands over', () => {
  const stage = usePages();

  const mint = async (user: string, expires_in = 600) => {
    const { app } = stage();
    const { body } = await graphql(
      app,
      app.people.admin,
      'mutation ($data: mint_user_token_input!) { mint_user_token(data: $data) { token } }',
      { data: { user, expires_in } },
    );
    return body.data.mint_user_token.token as string;
  };

  it(
    'opens the page, and is neither in its address nor in its history nor in any request line',
    async () => {
      const { app, person, reader, faults } = stage();
      const { id } = await reader();
      const token = await mint(id);
      const context = await person();
      const page = await context.newPage();
      const requested: string[] = [];
      page.on('request', (request) => requested.push(request.url().split('#')[0] ?? ''));
      await page.goto(`${app.url}/preferences?from=app#token=${token}`);
      await signedIn(page);

      expect(page.url()).toBe(`${app.url}/preferences?from=app`);
      expect(requested.filter((url) => url.includes(token))).toEqual([]);
      expect(await context.cookies()).toEqual([]);
      expect(await page.evaluate('Object.values(localStorage).join()')).not.toContain(token);
      // A reload keeps it, and going back does not bring the address with the token back.
      await page.reload();
      await signedIn(page);
      await page.goto(`${app.url}/docs`);
      await page.goBack();
      await signedIn(page);
      expect(page.url()).toBe(`${app.url}/preferences?from=app`);
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );

  it(
    'that is not valid leads to the sign-in, which then works',
    async () => {
      const { app, person, reader } = stage();
      const context = await person();
      const page = await context.newPage();
      await page.goto(`${app.url}/inbox#token=unknown-to-the-service`);
      await page.getByRole('status').getByText('Your access has ended.').waitFor();
      await signIn(page, await reader());
      await signedIn(page);

      expect(page.url()).toBe(`${app.url}/inbox`);
      await context.close();
    },
    slowly,
  );

  it(
    'that expires says so at the same address, and another one continues',
    async () => {
      const { app, person, reader } = stage();
      const { id } = await reader();
      const context = await person();
      const page = await context.newPage();
      await page.goto(`${app.url}/preferences#token=${await mint(id, 25)}`);
      await signedIn(page);
      await page.getByRole('status').getByText('Your access has ended.').waitFor();
      expect(page.url()).toBe(`${app.url}/preferences`);
      await page.goto(`${app.url}/preferences#token=${await mint(id)}`);
      await signedIn(page);

      expect(page.url()).toBe(`${app.url}/preferences`);
      await context.close();
    },
    slowly,
  );

  it(
    'is forgotten by signing out',
    async () => {
      const { app, person, reader } = stage();
      const { id } = await reader();
      const context = await person();
      const page = await context.newPage();
      await page.goto(`${app.url}/inbox#token=${await mint(id)}`);
      await page.getByRole('button', { name: 'Account of Robin Reader' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('status').getByText('You are signed out.').waitFor();

      expect(await page.evaluate('sessionStorage.length')).toBe(0);
      await context.close();
    },
    slowly,
  );
});
