import { describe, expect, it } from '@jest/globals';
import { initToken } from '../../../src/faces/graphql/init-token.ts';

describe('the token of connection_init', () => {
  it.each([
    [{ access_token: 't' }],
    [{ authToken: 't' }],
    [{ authToken: 'Bearer t' }],
    [{ token: 't' }],
    [{ Authorization: 'Bearer t' }],
    [{ authorization: 'bearer  t' }],
    [{ authorization: 't' }],
    [{ headers: { Authorization: 'Bearer t' } }],
    [{ headers: { authorization: 't', 'x-other': '1' } }],
    [{ authToken: null, headers: { AUTHORIZATION: 'Bearer t' } }],
    [{ access_token: 't', token: 'another' }],
  ])('the token of connection_init is read from %j', (payload) => {
    expect(initToken(payload)).toBe('t');
  });

  it.each([
    [{}],
    [{ authToken: null }],
    [{ headers: null }],
    [{ headers: 'Bearer t' }],
    [{ headers: {} }],
    [{ key: 't' }],
  ])('connection_init without a token is anonymous: %j', (payload) => {
    expect(initToken(payload)).toBeUndefined();
  });

  it.each([[{ token: 7 }], [{ access_token: '' }], [{ authToken: {} }]])(
    'connection_init with an invalid token is not anonymous: %j',
    (payload) => {
      expect(initToken(payload)).toBeDefined();
    },
  );
});
