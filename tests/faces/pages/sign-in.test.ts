import { expect, it } from '@jest/globals';
import { describeInChromium, signedIn, signIn, slowly, usePages } from './support/pages-stage.ts';

describeInChromium('signing in on the page of the inbox', () => {
  const stage = usePages();

  it(
    'a password opens the inbox, with a cookie that scripts cannot read',
    async () => {
      const { app, person, reader, faults } = stage();
      const [context, robin] = [await person(), await reader()];
      const page = await context.newPage();
      await page.goto(`${app.url}/inbox`);
      await signIn(page, robin);
      await signedIn(page);

      expect(await context.cookies()).toEqual([
        expect.objectContaining({ name: 'directus_session_token', httpOnly: true, sameSite: 'Lax', secure: false }),
      ]);
      expect(await page.evaluate('document.cookie + Object.values(localStorage) + Object.values(sessionStorage)')).toBe(
        '',
      );
      expect(new URL(page.url()).pathname).toBe('/inbox');
      expect(faults()).toEqual([]);
      await context.close();
    },
    slowly,
  );
});
