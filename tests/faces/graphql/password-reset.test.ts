import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { tokenOfMail } from '../../support/password-reset.ts';

const ask = `mutation ($email: String! = "alice@example.com", $url: String) {
  auth_password_request(email: $email, reset_url: $url)
}`;
const reset = `mutation ($token: String!, $password: String! = "password-of-alice") {
  auth_password_reset(token: $token, password: $password)
}`;

describe('resetting a password over GraphQL', () => {
  const app = useTestApp({
    TRUST_PROXY: 'loopback',
    PASSWORD_RESET_URL_ALLOW_LIST: 'https://app.example.com/reset',
  });
  let asked = 0;
  const run = (query: string, variables: object = {}) => {
    asked += 1;
    const headers = { 'x-forwarded-for': `10.0.0.${asked}` };
    return send(app(), '/graphql/system', { body: { query, variables }, headers });
  };
  const login = async (password: string) =>
    (await send(app(), '/auth/login', { body: { email: 'alice@example.com', password } })).status;

  it('asks for a link and sets a password with its token, once', async () => {
    const first = await run(ask, { url: 'https://app.example.com/reset' });
    const token = await tokenOfMail(app().db, app().people.alice.id);
    const second = await run(reset, { token });
    const third = await run(reset, { token });

    expect(first.body).toEqual({ data: { auth_password_request: true } });
    expect(second.body).toEqual({ data: { auth_password_reset: true } });
    expect(third.body).toMatchObject({
      data: { auth_password_reset: null },
      errors: [{ extensions: { code: 'FORBIDDEN' }, path: ['auth_password_reset'] }],
    });
    await expect(login('password-of-alice')).resolves.toBe(200);
  });

  it('answers the same for a user who does not exist', async () => {
    const { body } = await run(ask, { email: 'nobody@example.com' });

    expect(body).toEqual({ data: { auth_password_request: true } });
  });

  it('refuses an address that is not allowed, a foreign token and a short password', async () => {
    const codeOf = async (query: string, variables: object) =>
      (await run(query, variables)).body.errors[0].extensions.code;

    await expect(codeOf(ask, { url: 'https://evil.example.com' })).resolves.toBe('INVALID_PAYLOAD');
    await expect(codeOf(reset, { token: 'none' })).resolves.toBe('INVALID_TOKEN');
    await expect(codeOf(reset, { token: 'none', password: 'short' })).resolves.toBe('FAILED_VALIDATION');
  });

  it('refuses to ask twice in one request', async () => {
    const { body } = await run(`mutation {
      one: auth_password_request(email: "alice@example.com")
      two: auth_password_request(email: "bob@example.com")
    }`);

    expect(body.data).toEqual({ one: true, two: null });
    expect(body.errors[0].extensions.code).toBe('INVALID_PAYLOAD');
  });
});
