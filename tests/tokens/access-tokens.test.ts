import { describe, expect, it } from '@jest/globals';
import { createAccessToken, listAccessTokens, revokeAccessToken } from '../../src/tokens/access-tokens.ts';
import { failureOf, people, theTime } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase();

describe('access tokens', () => {
  it('are created with a random text that is shown once, listed by name and revoked', async () => {
    const { admin, alice, ids } = await people(db);
    const expires_at = new Date(theTime.getTime() + 1000);

    const ci = await createAccessToken(admin, { user: ids.alice.toUpperCase(), name: 'ci', expires_at });
    await createAccessToken(admin, { user: ids.alice, name: 'backup' });

    expect(ci).toMatchObject({
      name: 'ci',
      user_id: ids.alice,
      expires_at,
      token: expect.stringMatching(/^tdg_[0-9A-Za-z]{49}$/),
    });
    const listed = await listAccessTokens(alice, 'me');
    expect(listed.map(({ name }) => name)).toEqual(['backup', 'ci']);
    expect(JSON.stringify(listed)).not.toContain(ci.token);
    expect(await listAccessTokens(admin, ids.alice)).toEqual(listed);
    expect(await revokeAccessToken(alice, ci.id)).toBe(ci.id);
    expect((await listAccessTokens(alice, 'me')).map(({ name }) => name)).toEqual(['backup']);
  });

  it('are created by admins only, and those of others are neither shown nor revoked', async () => {
    const { admin, alice, bob, anonymous, ids } = await people(db);
    const { id } = await createAccessToken(admin, { user: ids.alice, name: 'hers' });

    const attempts = [
      createAccessToken(alice, { user: ids.alice, name: 'own' }),
      listAccessTokens(bob, ids.alice),
      listAccessTokens(anonymous, 'me'),
      revokeAccessToken(bob, id),
      revokeAccessToken(anonymous, id),
      revokeAccessToken(admin, ids.alice),
      revokeAccessToken(admin, 'no-uuid'),
    ];

    for (const attempt of attempts) expect(await failureOf(attempt)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await listAccessTokens(alice, 'me')).toHaveLength(1);
  });

  it.each([
    ['an empty name', { name: '' }, 'FAILED_VALIDATION'],
    ['a long name', { name: 'x'.repeat(65) }, 'FAILED_VALIDATION'],
    ['the name of the static token', { name: 'static' }, 'FAILED_VALIDATION'],
    ['a time in the past', { name: 'a', expires_at: new Date(theTime.getTime() - 1) }, 'FAILED_VALIDATION'],
    ['a malformed user', { name: 'a', user: 'nobody' }, 'INVALID_FOREIGN_KEY'],
    ['an unknown user', { name: 'a', user: '00000000-0000-4000-8000-000000000000' }, 'INVALID_FOREIGN_KEY'],
  ])('refuse %s', async (_what, input, code) => {
    const { admin, ids } = await people(db);

    expect(await failureOf(createAccessToken(admin, { user: ids.alice, ...input }))).toMatchObject({ code });
  });

  it('refuse a second token with the same name', async () => {
    const { admin, ids } = await people(db);
    await createAccessToken(admin, { user: ids.alice, name: 'ci' });

    const second = createAccessToken(admin, { user: ids.alice, name: 'ci' });

    expect(await failureOf(second)).toMatchObject({ code: 'RECORD_NOT_UNIQUE' });
  });
});
