import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';
import { send } from '../support/client.ts';

describe('/auth/login', () => {
  const app = useTestApp({ TRUST_PROXY: 'loopback' });
  const guess = (email: string, signal?: AbortSignal) =>
    fetch(`${app().url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '6.6.6.6' },
      body: JSON.stringify({ email, password: 'a guess' }),
      ...(signal && { signal }),
    });

  it('accepts a right password while guesses from another address at another account are delayed', async () => {
    // As many at once as the queue takes from one address. Each round adds failures, and with them the delay.
    const rounds = [
      ['alice@example.com', 'alice@example.com', 'alice@example.com'],
      ['alice@example.com', 'alice@example.com', 'alice@example.com'],
      ['alice@example.com', 'bob@example.com', 'nobody@example.com'],
    ];
    for (const round of rounds) await Promise.all(round.map((email) => guess(email)));
    const leave = new AbortController();
    const delayed = guess('alice@example.com', leave.signal).then(
      ({ status }) => status,
      () => 'still delayed',
    );

    const { status } = await send(app(), '/auth/login', {
      body: { email: 'admin@example.com', password: 'admin-password' },
      headers: { 'x-forwarded-for': '1.1.1.1' },
    });
    leave.abort();

    expect(status).toBe(200);
    await expect(delayed).resolves.toBe('still delayed');
  });
});
