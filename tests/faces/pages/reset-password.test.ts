import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { tokenOfMail } from '../../support/password-reset.ts';

const newPassword = 'password-of-alice';

describe('the page that a link for a new password leads to', () => {
  const app = useTestApp({ APP_URL: 'https://app.example.com/?a=1&b=2', APP_NAME: 'A & B', TRUST_PROXY: 'loopback' });
  let mails = 0;
  const linked = async () => {
    mails += 1;
    const headers = { 'x-forwarded-for': `10.0.0.${mails}` };
    await send(app(), '/auth/password/request', { body: { email: 'alice@example.com' }, headers });
    return `/reset-password?token=${await tokenOfMail(app().db, app().people.alice.id, mails)}`;
  };
  const submit = (path: string, password: string, again = password) =>
    send(app(), path, {
      body: String(new URLSearchParams({ password, again })),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const login = async (password: string) =>
    (await send(app(), '/auth/login', { body: { email: 'alice@example.com', password } })).status;

  it('shows a form to a GET and a HEAD and changes nothing', async () => {
    const path = await linked();

    await send(app(), path, { method: 'HEAD' });
    for (let round = 0; round < 2; round += 1) {
      const { status, headers, body } = await send(app(), path);
      expect(status).toBe(200);
      expect(body).toContain('<form method="post">');
      expect(body).toContain('autocomplete="new-password"');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*form-action 'self'/);
      expect([headers.get('cache-control'), headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
    }
    expect((await submit(path, newPassword)).status).toBe(200);
  });

  it('changes the password once, and links to the application', async () => {
    const path = await linked();

    const done = await submit(path, newPassword);

    expect([done.status, done.body]).toEqual([200, expect.stringContaining('Your password is changed')]);
    expect(done.body).toContain('<a class="button" href="https://app.example.com/?a=1&amp;b=2">Go to A &amp; B</a>');
    await expect(login(newPassword)).resolves.toBe(200);
    for (const { status, body } of [await submit(path, 'another password'), await send(app(), path)]) {
      expect([status, body]).toEqual([404, expect.stringContaining('This link is no longer valid')]);
      expect(body).not.toContain('<form');
    }
  });

  it('shows the form again with the fault, and the link stays valid', async () => {
    const path = await linked();

    const different = await submit(path, newPassword, 'something else');
    const short = await submit(path, 'short');
    const empty = await send(app(), path, { method: 'POST' });

    for (const [{ status, body }, fault] of [
      [different, 'The passwords are not the same.'],
      [short, 'The password must have 8 to 1000 characters.'],
      [empty, 'The password must have 8 to 1000 characters.'],
    ] as const) {
      expect(status).toBe(400);
      expect(body).toContain(`<p class="fault" id="fault" role="alert">${fault}</p>`);
      expect(body).toContain('<form method="post">');
      expect(body).not.toContain('short"');
    }
    expect((await submit(path, newPassword)).status).toBe(200);
  });

  it('says that a link is not valid, whatever is wrong with its token', async () => {
    for (const query of ['', '?token=', '?token=none', '?token=a&token=b', '?token[a]=b', '?token=%3Cscript%3E']) {
      const { status, body } = await send(app(), `/reset-password${query}`);

      expect([query, status]).toEqual([query, 404]);
      expect(body).toContain('This link is no longer valid');
      expect(body).not.toContain('<script');
    }
  });

  it('refuses bodies of other kinds', async () => {
    const path = await linked();

    const { status } = await send(app(), path, { body: 'x'.repeat(40_000), headers: { 'content-type': 'text/plain' } });

    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});
