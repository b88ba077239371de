import { describe, expect, it } from '@jest/globals';
import type { FieldAccess } from '../../../src/auth/rights.ts';
import { toGraphQLInput } from '../../../src/faces/directus/payload.ts';
import { faultOf, notifications, users } from './support/resources.ts';

const input = (body: unknown, role: FieldAccess = 'admin') =>
  toGraphQLInput(body, notifications.createInput, { collection: notifications.collection, role });

describe('the body of a write', () => {
  it('numbers become text in text fields', () => {
    expect(input({ id: 5, subject: 12, item: 1.5, message: null })).toEqual({
      id: expect.anything(),
      subject: '12',
      item: '1.5',
      message: null,
    });
  });

  it('a user is given by id or as an object', () => {
    const id = '0193e5a0-0000-7000-8000-000000000000';

    expect(input({ recipient: id })).toEqual({ recipient: id });
    expect(input({ recipient: { id } })).toEqual({ recipient: { id } });
  });

  it('every unknown property is reported', () => {
    expect(faultOf(() => input({ nope: 1, constructor: 2, subject: 'x' }))).toMatchObject({
      errors: [
        { code: 'INVALID_PAYLOAD', extensions: { reason: expect.stringContaining('"nope"') } },
        { code: 'INVALID_PAYLOAD', extensions: { reason: expect.stringContaining('"constructor"') } },
      ],
    });
  });

  it('__proto__ is refused as an unknown property', () => {
    expect(faultOf(() => input(JSON.parse('{"__proto__":{"subject":"x"}}')))).toMatchObject({
      code: 'INVALID_PAYLOAD',
    });
  });

  it.each<[string, unknown]>([
    ['subject', { a: 1 }],
    ['subject', ['a']],
    ['subject', true],
    ['subject', 'a\0'],
    ['message', '\udc00'],
    ['recipient', true],
    ['recipient', { name: 'x' }],
    ['timestamp', {}],
  ])('an invalid value of %s is reported by field: %j', (field, value) => {
    expect(faultOf(() => input({ [field]: value }))).toMatchObject({
      code: 'FAILED_VALIDATION',
      extensions: { field },
    });
  });

  it('an invalid boolean is reported by field', () => {
    const scope = { collection: users.collection, role: 'admin' } as const;
    const fault = faultOf(() => toGraphQLInput({ email_notifications: 'x' }, users.updateInput, scope));

    expect(fault).toMatchObject({ code: 'FAILED_VALIDATION', extensions: { field: 'email_notifications' } });
  });

  it.each<[string, unknown]>([
    ['unknown properties', { nope: 1 }],
    ['values of a wrong type', { subject: {} }],
  ])('a body of a member with %s is forbidden', (_what, body) => {
    expect(faultOf(() => input(body, 'member'))).toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each([1, 'x', null, [{}]])('the body %j is refused', (body) => {
    expect(faultOf(() => input(body))).toMatchObject({ code: 'INVALID_PAYLOAD' });
  });
});
