import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { faultsOf } from '../../support/openapi/check-exchange.ts';

const app = useTestApp();

describe('/openapi.json', () => {
  it('the served document is the committed openapi.json', async () => {
    const { status, body } = await send(app(), '/openapi.json');

    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(readFileSync('openapi.json', 'utf8')));
  });

  it('the document is valid OpenAPI 3.1', async () => {
    const { body } = await send(app(), '/openapi.json');

    await expect(new Validator().validate(body)).resolves.toMatchObject({ valid: true });
  });

  it('the document describes every route that clients of the REST APIs call', async () => {
    const { body } = await send(app(), '/openapi.json');
    const paths = Object.keys(body.paths);

    expect(paths).toEqual(
      expect.arrayContaining(['/notifications', '/users/me', '/api/v2/notifications/inbox', '/readyz']),
    );
    expect(body.paths['/notifications']['x-additionalOperations']).toHaveProperty('SEARCH');
  });

  it('names each operation once', async () => {
    const { body } = await send(app(), '/openapi.json');
    const names = JSON.stringify(body.paths).match(/"operationId":"\w+"/g) ?? [];

    expect(names.length).toBeGreaterThan(30);
    expect(new Set(names).size).toBe(names.length);
  });

  it('answers 304 to a client that has the document', async () => {
    const { headers } = await send(app(), '/openapi.json');
    const again = await send(app(), '/openapi.json', { headers: { 'if-none-match': headers.get('etag') ?? '' } });

    expect(again.status).toBe(304);
  });
});

describe('the check of requests and answers', () => {
  const exchange = {
    method: 'GET',
    url: '/notifications',
    status: 200,
    sentType: undefined,
    sent: '',
    answeredType: 'application/json',
  };

  it('finds nothing wrong with an answer as described', () => {
    expect(faultsOf({ ...exchange, answered: '{"data":[{"id":1,"status":"inbox"}]}' })).toEqual([]);
  });

  it.each([
    ['a value of another type', { answered: '{"data":[{"id":"1"}]}' }],
    ['a missing property', { answered: '{}' }],
    ['a status that is not described', { answered: '', status: 206 }],
    ['a content type that is not described', { answered: '<p>', answeredType: 'text/html' }],
    ['a parameter of another type', { answered: '{"data":[]}', url: '/notifications?limit=many' }],
  ])('finds %s', (_name, given) => {
    expect(faultsOf({ ...exchange, ...given })).toHaveLength(1);
  });
});
