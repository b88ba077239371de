import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

const app = useTestApp({ CORS_ORIGIN: 'https://app.example.com' });

describe('the files of the web components', () => {
  it('pages of any origin may load an entry, and ask for it again each time', async () => {
    const { status, headers } = await send(app(), '/elements/index.js', {
      headers: { origin: 'https://else.example.com' },
    });

    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
  });

  it('a page of an allowed origin gets the same headers', async () => {
    const { headers } = await send(app(), '/elements/index.js', { headers: { origin: 'https://app.example.com' } });

    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('an unchanged entry is answered without a body', async () => {
    const first = await send(app(), '/elements/index.js');
    const again = await send(app(), '/elements/index.js', {
      headers: { 'if-none-match': String(first.headers.get('etag')) },
    });

    expect([again.status, again.body]).toEqual([304, '']);
  });

  it.each(['other.js', 'index.ts', '..%2fmain.js', '.sources', '%00'])('there is no file %s', async (file) => {
    expect((await send(app(), `/elements/${file}`)).status).toBe(404);
  });
});
