import { request as httpRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';

/** Requests that try to cause a 5xx status or a response much larger than the request. */
describe('a hostile request', () => {
  const app = useTestApp();

  it('a request with errors of different statuses is answered 400', async () => {
    const { admin } = app().people;

    const { status, body } = await send(app(), '/notifications', { as: admin, body: { id: 'abc', subject: null } });

    expect(status).toBe(400);
    expect(body.errors.map((error: { extensions: { code: string } }) => error.extensions.code)).toEqual([
      'FORBIDDEN',
      'FAILED_VALIDATION',
      'FAILED_VALIDATION',
    ]);
  });

  it.each([
    ['POST', Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1]))],
    ['PATCH', Array.from({ length: 5000 }, () => ({}))],
    ['DELETE', Array.from({ length: 5000 }, () => ({}))],
  ])('a request with thousands of errors gets a short response: %s', async (method, body) => {
    const reply = await send(app(), '/notifications', { as: app().people.admin, method, body });

    expect(reply.status).toBe(400);
    expect(JSON.stringify(reply.body).length).toBeLessThan(10_000);
  });

  it('a filter of a relation (`deep`) nested 20,000 levels is refused', async () => {
    const nested = `${'{"_and":['.repeat(20_000)}{}${']}'.repeat(20_000)}`;
    const body = `{"query":{"fields":["recipient.id"],"deep":{"recipient":{"_filter":${nested}}}}}`;

    const reply = await send(app(), '/notifications', { as: app().people.alice, method: 'SEARCH', body });

    expect(reply).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_QUERY' } }] } });
  });

  it.each(['//', 'http://['])('an upgrade of the malformed address %s is answered 404', async (path) => {
    const { port } = new URL(app().url);
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };

    const status = await new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject).end();
    });

    expect(status).toBe(404);
  });
});
