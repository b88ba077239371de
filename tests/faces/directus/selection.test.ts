import { describe, expect, it } from '@jest/globals';
import type { FieldAccess } from '../../../src/auth/rights.ts';
import { renderedSelectionOf } from '../../../src/faces/directus/rendered-selection.ts';
import { faultOf, limits, notifications, queryOf, users } from './support/resources.ts';

const shown = (text: string, role: FieldAccess = 'admin', resource = notifications) =>
  renderedSelectionOf(resource, queryOf(text), { role, limits });
const keys = (text: string, role?: FieldAccess, resource = notifications) =>
  shown(text, role, resource).columns.map(({ key }) => key);

describe('fields', () => {
  it('* selects the keys of related rows', () => {
    expect(shown('').text).toBe(
      'id timestamp status recipient: recipient_key sender: sender_key subject message collection item',
    );
  });

  it('* of a member leaves out the fields reserved for admins', () => {
    expect(keys('', 'admin', users)).toEqual(expect.arrayContaining(['id', 'token', 'email_notifications']));
    expect(keys('', 'member', users)).not.toEqual(expect.arrayContaining(['token']));
    expect(keys('', 'member', users)).not.toEqual(expect.arrayContaining(['email_notifications']));
  });

  it('*.* selects the fields of related rows before the other fields', () => {
    expect(keys('fields=*.*').slice(0, 3)).toEqual(['recipient', 'sender', 'id']);
    expect(shown('fields=*.*', 'member').text).toMatch(/^recipient \{ id first_name [^}]*role \} sender \{/);
  });

  it('a relation selected both as key and by fields is an object', () => {
    expect(shown('fields=recipient.email,*').text).toMatch(/^recipient \{ email \} id/);
    expect(shown('fields=recipient,recipient.email').text).toBe('recipient { email }');
  });

  it('a repeated field is selected once', () => {
    expect(shown('fields=id,id,recipient.id,recipient.id').text).toBe('id recipient { id }');
  });

  it('a function is selected through the _func field', () => {
    expect(shown('fields=year(timestamp),month(timestamp),recipient.year(last_access)').text).toBe(
      'timestamp_year: timestamp_func { year } timestamp_month: timestamp_func { month } ' +
        'recipient { last_access_year: last_access_func { year } }',
    );
  });

  it('aliases apply to fields, functions and relations', () => {
    expect(
      shown('fields=title,y,to.email&alias[title]=subject&alias[y]=year(timestamp)&alias[to]=recipient').text,
    ).toBe('title: subject y: timestamp_func { year } to: recipient { email }');
    expect(keys('alias[title]=subject').at(-1)).toBe('title');
  });

  it('the parameters of deep become variables of the relation', () => {
    const deep = { recipient: { _filter: { email: 'x' }, _limit: 1, _alias: { mail: 'email' } } };
    const { text, variables } = shown(`fields=recipient.mail&deep=${JSON.stringify(deep)}`);

    expect(text).toBe('recipient(filter: $v0, limit: $v1) { mail: email }');
    expect(variables.map(({ name, type, value }) => [name, String(type), value])).toEqual([
      ['v0', 'directus_users_filter', { email: { _eq: 'x' } }],
      ['v1', 'Int', 1],
    ]);
  });

  it('a selection is prepared once per shape', () => {
    expect(shown('fields=id,status')).toBe(shown('fields[]=id&fields[]=status'));
    expect(shown('fields=id,status')).not.toBe(shown('fields=id,status', 'member'));
  });

  it.each([
    'nope',
    'status.nope',
    'recipient.nope',
    'nope.id',
    'timestamp_func',
    'recipient_key',
    'year(nope)',
    '__proto__',
    'constructor',
    'recipient.',
  ])('a selection of the unknown field %s is forbidden', (field) => {
    expect(faultOf(() => shown(`fields=${field}`))).toMatchObject({
      code: 'FORBIDDEN',
      extensions: { reason: expect.any(String) },
    });
  });

  it('a field reserved for admins is forbidden to a member, and the error names its relation', () => {
    expect(faultOf(() => shown('fields=recipient.token', 'member'))).toMatchObject({
      code: 'FORBIDDEN',
      extensions: { reason: expect.stringMatching(/"token".*recipient/) },
    });
  });

  it.each(['century(timestamp)', 'year(subject)', 'count(recipient)'])(
    'a selection refuses the function %s',
    (field) => {
      expect(faultOf(() => shown(`fields=${field}`))).toMatchObject({ code: 'INVALID_QUERY' });
    },
  );
});

describe('rendering', () => {
  it('rendering converts keys to numbers and functions to values, in the order of the fields', () => {
    const { render } = shown('fields=id,year(timestamp),sender.year(last_access),recipient.id');

    const row = render({ id: '5', timestamp_year: { year: 2026 }, sender: null, recipient: { id: 'a' } });

    expect(JSON.stringify(row)).toBe('{"id":5,"timestamp_year":2026,"sender":null,"recipient":{"id":"a"}}');
  });

  it('a function of null is null', () => {
    expect(shown('fields=year(timestamp)').render({ timestamp_year: null })).toEqual({ timestamp_year: null });
  });

  it('rendering supports aliases that are not GraphQL names', () => {
    const { text, render } = shown('fields=k0,my title&alias[my title]=subject&alias[k0]=id');

    expect(text).toBe('k0: id k1: subject');
    expect(render({ k0: '1', k1: 'Hi' })).toEqual({ k0: 1, 'my title': 'Hi' });
  });
});
