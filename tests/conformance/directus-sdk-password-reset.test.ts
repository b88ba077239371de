import { authentication, createDirectus, isDirectusError, passwordRequest, passwordReset, rest } from '@directus/sdk';
import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';
import { tokenOfMail } from '../support/password-reset.ts';

describe('resetting a password with the Directus SDK, unchanged', () => {
  const app = useTestApp({ PASSWORD_RESET_URL_ALLOW_LIST: 'https://app.example.com/reset' });

  it('asks for a link and sets the password with its token', async () => {
    const { id } = app().people.alice;
    const client = createDirectus(app().url)
      .with(authentication('json', { autoRefresh: false }))
      .with(rest());

    const asked = await client.request(passwordRequest('alice@example.com', 'https://app.example.com/reset?from=sdk'));
    const token = await tokenOfMail(app().db, id);
    const set = await client.request(passwordReset(token, 'password-of-alice'));
    const { access_token } = await client.login({ email: 'alice@example.com', password: 'password-of-alice' });

    expect([asked, set]).toEqual([null, null]);
    expect(access_token).toEqual(expect.any(String));
    const again = await client.request(passwordReset(token, 'another-password')).catch((error: unknown) => error);
    expect(isDirectusError(again) && again.errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('is told when the address of the page is not allowed', async () => {
    const client = createDirectus(app().url).with(rest());

    const refused = await client
      .request(passwordRequest('alice@example.com', 'https://evil.example.com/reset'))
      .catch((error: unknown) => error);

    expect(isDirectusError(refused) && refused.errors[0]?.extensions.code).toBe('INVALID_PAYLOAD');
  });
});
