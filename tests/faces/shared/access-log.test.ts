import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../../support/app.ts';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const paths = [
  '/users/me',
  '/graphql/system?query={__typename}',
  '/api/v2/notifications/inbox',
  '/healthz',
  '/no/where',
];

describe('requests at log level debug', () => {
  const lines: Record<string, unknown>[] = [];
  let app: TestApp;
  let onLine: () => void = () => undefined;

  beforeAll(async () => {
    app = await startTestApp(
      { LOG_LEVEL: 'debug' },
      {
        onLogged(line) {
          lines.push(JSON.parse(line));
          onLine();
        },
      },
    );
  });
  afterAll(() => app.stop());

  /** The log line of a request; it is written after the answer is sent. */
  async function lineOf(requestId: string): Promise<Record<string, unknown>> {
    for (;;) {
      const found = lines.find((line) => line['requestId'] === requestId);
      if (found) return found;
      await new Promise<void>((resolve) => {
        onLine = resolve;
      });
    }
  }

  it.each([
    ['/users/me', 200],
    ['/notifications?fields=id', 200],
    ['/graphql/system?query={__typename}', 200],
    // This route refuses the parameter of the token.
    ['/api/v2/notifications/inbox', 400],
    ['/no/where', 404],
  ])('a request to %s has one log line with its user and without its token', async (path, status) => {
    const requestId = `test:${path.replace(/\?.*/, '')}`;
    const url = `${app.url}${path}${path.includes('?') ? '&' : '?'}access_token=${app.people.alice.token}`;
    await fetch(url, { headers: { 'x-request-id': requestId } });

    expect(await lineOf(requestId)).toMatchObject({
      level: 20,
      method: 'GET',
      path: path.replace(/\?.*/, ''),
      status,
      ms: expect.any(Number),
      ...(status === 200 && { user: app.people.alice.id }),
    });
    expect(JSON.stringify(lines)).not.toContain(app.people.alice.token);
  });

  it('the log line of a request does not have the token in its path', async () => {
    await fetch(`${app.url}/unsubscribe/a-secret-of-a-mail`, { headers: { 'x-request-id': 'unsubscribe' } });

    expect(await lineOf('unsubscribe')).toMatchObject({ path: '/unsubscribe/:token' });
    expect(JSON.stringify(lines)).not.toContain('a-secret-of-a-mail');
  });

  it.each(paths)('%s returns the request id that the caller sent', async (path) => {
    const { headers } = await fetch(app.url + path, { headers: { 'x-request-id': 'trace-01:a/b' } });

    expect(headers.get('x-request-id')).toBe('trace-01:a/b');
  });

  it.each([
    ['none', undefined],
    ['an id that is too long', 'x'.repeat(129)],
    ['an id with quotation marks', 'a"b'],
    ['an id with spaces', 'a b'],
  ])('the service creates a request id if the caller sends %s', async (_what, given) => {
    const headers = given === undefined ? {} : { 'x-request-id': given };

    expect((await fetch(`${app.url}/healthz`, { headers })).headers.get('x-request-id')).toMatch(uuid);
  });
});
