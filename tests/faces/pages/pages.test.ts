import { describe, expect, it } from '@jest/globals';
import { startTestApp, useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const app = useTestApp();
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe.each(['/', '/docs'])('the page at %s', (path) => {
  it('contains all scripts and styles that it runs, loads nothing from other hosts, and cannot be framed', async () => {
    const { status, headers, body } = await send(app(), path, { headers: browser });

    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self'; img-src 'self';/,
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('is not sent again to a browser that has it', async () => {
    const { headers } = await send(app(), path);
    const again = await send(app(), path, { headers: { 'if-none-match': headers.get('etag') ?? '' } });

    expect([again.status, again.body]).toEqual([304, '']);
  });

  it('leads to addresses that exist', async () => {
    const { body } = await send(app(), path);
    const links = [...String(body).matchAll(/href="([^"#]+)"/g)].map(([, link = '']) => link);

    for (const link of new Set(links)) {
      const { pathname } = new URL(link, app().url + path);
      await expect(send(app(), pathname, { headers: browser })).resolves.toMatchObject({ status: expect.any(Number) });
      expect([pathname, (await send(app(), pathname, { headers: browser })).status]).not.toContain(404);
    }
  });
});

it('/docs/ leads to /docs, to which its links are relative', async () => {
  const { status, headers } = await fetch(`${app().url}/docs/?from=elsewhere`, { redirect: 'manual' });

  expect(status).toBe(308);
  expect(new URL(headers.get('location') ?? '', `${app().url}/docs/`).pathname).toBe('/docs');
});

it('/docs describes every operation of the document', async () => {
  const { body } = await send(app(), '/docs');
  const { body: document } = await send(app(), '/openapi.json');
  const names = [...JSON.stringify(document.paths).matchAll(/"operationId":"(\w+)"/g)].map(
    ([, name]) => `id="${name}"`,
  );

  expect(names.filter((name) => !String(body).includes(name))).toEqual([]);
});

it.each([
  ['/favicon.ico', 'image/x-icon'],
  ['/icon.svg', 'image/svg+xml'],
])('the icon at %s may be kept for a day', async (path, type) => {
  const { status, headers } = await send(app(), path);

  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
    200,
    type,
    'public, max-age=86400',
  ]);
});

describe('an unknown address', () => {
  it('shows browsers a page that does not repeat the address', async () => {
    const { status, headers, body } = await send(app(), '/nowhere%3Cb%3E', { headers: browser });

    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(body).toContain('There is nothing at this address.');
    expect(body).not.toContain('nowhere');
  });

  it('has links to the pages below the path of PUBLIC_URL, where a proxy serves them', async () => {
    const prefixed = await startTestApp({ PUBLIC_URL: "https://example.com/it's/tidings/" });
    try {
      const { body } = await send(prefixed, '/no/where', { headers: browser });

      expect([...String(body).matchAll(/href="([^"]*)"/g)].map(([, link]) => link)).toEqual([
        '/it&#39;s/tidings/icon.svg',
        '/it&#39;s/tidings/',
        '/it&#39;s/tidings/',
        '/it&#39;s/tidings/docs',
        '/it&#39;s/tidings/graphql/system',
      ]);
    } finally {
      await prefixed.stop();
    }
  });

  it.each([
    ['anything', '*/*', 'GET'],
    ['JSON', 'application/json, text/plain, */*', 'GET'],
    ['a page for a write', browser.accept, 'POST'],
  ])('answers JSON to a client that accepts %s', async (_name, accept, method) => {
    const { status, body } = await send(app(), '/nowhere', { method, headers: { accept } });

    expect(status).toBe(404);
    expect(body).toEqual({
      errors: [{ message: 'There is no route /nowhere.', extensions: { path: '/nowhere', code: 'ROUTE_NOT_FOUND' } }],
    });
  });

  it('of the Coder API is answered in its format, also to browsers', async () => {
    await expect(send(app(), '/api/v2/nowhere', { headers: browser })).resolves.toMatchObject({
      status: 404,
      body: { message: 'Route not found.' },
    });
  });
});
