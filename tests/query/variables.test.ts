import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Viewer } from '../../src/auth/viewer.ts';
import { adjust } from '../../src/query/adjust-time.ts';
import { keysStatement } from '../../src/query/list.ts';
import { onTestDatabase } from '../support/database.ts';
import { alice, aMemberScope, aRow, aScope, bob, carol, insertPeople, now, replaceRows, viewer } from './people.ts';
import { toQueryFilter } from './to-list-arguments.ts';

const { db } = await onTestDatabase();

beforeAll(async () => {
  await insertPeople(db);
  await db.query({ text: 'update users set avatar = $1 where id = $2', values: [alice, bob] });
  await replaceRows(db, [
    aRow({ id: 1, recipient: alice, timestamp: '2026-01-31T11:59:59.999Z', subject: 'admin' }),
    aRow({ id: 2, sender: alice, timestamp: '2026-01-31T12:00:00.000Z', subject: 'bob@example.com' }),
    aRow({ id: 3, sender: bob, timestamp: '2026-02-01T12:00:00.000Z', subject: 'member', message: '$NOWHERE' }),
    aRow({ id: 4, sender: bob, timestamp: null, subject: `by ${bob} b_b`, message: 'bxb' }),
  ]);
});

async function keys(filter: unknown, as?: Viewer): Promise<number[]> {
  const scope = as ? aScope({ viewer: as }) : aScope();
  return (await db.query<{ id: number }>(keysStatement(scope, { filter: toQueryFilter(filter) }))).map(({ id }) => id);
}

const bobAsAdmin = viewer(bob, 'admin');

describe('variables', () => {
  it.each<[string, unknown, number[]]>([
    ['$NOW', { timestamp: { _gte: '$NOW' } }, [2, 3]],
    ['$NOW(…)', { timestamp: { _between: ['$NOW(-1 hour)', '$NOW(+1 d)'] } }, [1, 2, 3]],
    ['$NOW(…) in a comma-separated text', { timestamp: { _between: '$NOW(-1 hour),$NOW' } }, [1, 2]],
    ['$NOW with a function', { 'year(timestamp)': 2026, timestamp: { _lt: '$NOW' } }, [1]],
    ['$CURRENT_USER', { recipient: { _eq: '$CURRENT_USER' } }, [2, 3, 4]],
    ['$CURRENT_USER in a list', { sender: { _in: ['$CURRENT_USER', alice] } }, [2, 3, 4]],
    ['$CURRENT_USER in a text', { subject: { _contains: '$CURRENT_USER' } }, [4]],
    ['$CURRENT_USER as the related key', { sender: { id: { _neq: '$CURRENT_USER' } } }, [2]],
    ['$CURRENT_USER.id', { sender: '$CURRENT_USER.id' }, [3, 4]],
    ['$CURRENT_USER.<field>', { subject: '$CURRENT_USER.email' }, [2]],
    ['$CURRENT_USER.<field> that differs', { subject: { _neq: '$CURRENT_USER.email' } }, [1, 3, 4]],
    ['$CURRENT_USER.<field> in a list', { subject: { _in: ['admin', '$CURRENT_USER.email'] } }, [1, 2]],
    ['$CURRENT_USER.<field> not in a list', { subject: { _nin: '$CURRENT_USER.email,admin' } }, [3, 4]],
    ['$CURRENT_USER.<field> with special characters', { subject: { _ends_with: '$CURRENT_USER.first_name' } }, [4]],
    [
      '_ in the value of $CURRENT_USER.<field>, which is not a wildcard',
      { message: { _icontains: '$CURRENT_USER.first_name' } },
      [],
    ],
    ['$CURRENT_USER.<field> that is a key', { sender: '$CURRENT_USER.avatar' }, [2]],
    ['$CURRENT_USER.<field> that is null', { sender: { _null: true }, message: '$CURRENT_USER.title' }, [1]],
    ['_neq with a $CURRENT_USER.<field> that is null', { message: { _neq: '$CURRENT_USER.title' } }, [3, 4]],
    ['$CURRENT_USER.role', { subject: '$CURRENT_USER.role' }, [3]],
    ['$CURRENT_ROLE', { subject: '$CURRENT_ROLE' }, [1]],
    ['$CURRENT_ROLE.name', { subject: '$CURRENT_ROLE.name' }, [1]],
    ['$CURRENT_ROLES', { subject: { _in: '$CURRENT_ROLES' } }, [1]],
    ['$CURRENT_ROLES in a list with other values', { subject: { _in: ['$CURRENT_ROLES', 'member'] } }, [1, 3]],
    ['$CURRENT_POLICIES', { subject: { _in: '$CURRENT_POLICIES' } }, []],
    ['_nin with $CURRENT_POLICIES', { subject: { _nin: ['$CURRENT_POLICIES'] } }, [1, 2, 3, 4]],
    ['a text that is not a variable', { message: '$NOWHERE' }, [3]],
  ])('a variable selects the matching rows: %s', async (_name, filter, expected) => {
    expect(await keys(filter, bobAsAdmin)).toEqual(expected);
  });

  it('$CURRENT_USER.<field> is null for a user without a value', async () => {
    expect(await keys({ message: '$CURRENT_USER.email' }, viewer(carol, 'admin'))).toEqual([1, 2]);
  });

  it('variables work for members', async () => {
    const { text, values } = keysStatement(aMemberScope(), {
      filter: { subject: { _contains: '$CURRENT_USER.email' } },
    });

    expect(await db.query({ text, values })).toEqual([{ id: 2 }]);
  });

  it.each(['$CURRENT_USER', '$CURRENT_USER.email', '$CURRENT_USER.id', '$CURRENT_ROLE', '$CURRENT_ROLE.name'])(
    '%s is null for anonymous viewers',
    (variable) => {
      const { text } = keysStatement(aScope({ viewer: { kind: 'anonymous' } }), {
        filter: toQueryFilter({ subject: variable }),
      });

      expect(text).toContain('"subject" is null');
    },
  );

  it.each([
    ['an e-mail address for a key', { sender: '$CURRENT_USER.email' }],
    ['a key for a time', { timestamp: '$CURRENT_USER.avatar' }],
    ['a boolean for a text', { subject: '$CURRENT_USER.email_notifications' }],
    ['roles for numbers', { id: { _in: '$CURRENT_ROLES' } }],
    ['a time for a number', { id: '$NOW' }],
    ['a time after the year 9999', { timestamp: '$NOW(+9999 years)' }],
  ])('variables of the wrong type are refused: %s', async (_name, filter) => {
    await expect(keys(filter)).rejects.toMatchObject({ code: 'INVALID_QUERY' });
  });
});

describe('$NOW(…)', () => {
  it.each([
    ['+1 ms', '2026-01-31T12:00:00.001Z'],
    ['-1 milliseconds', '2026-01-31T11:59:59.999Z'],
    ['1s', '2026-01-31T12:00:01.000Z'],
    ['+90 seconds', '2026-01-31T12:01:30.000Z'],
    ['-1m', '2026-01-31T11:59:00.000Z'],
    ['-2 minutes', '2026-01-31T11:58:00.000Z'],
    ['+1.5 h', '2026-01-31T13:30:00.000Z'],
    ['-12 Hours', '2026-01-31T00:00:00.000Z'],
    ['-1', '2026-01-30T12:00:00.000Z'],
    ['+1 d', '2026-02-01T12:00:00.000Z'],
    ['+1.9 days', '2026-02-01T12:00:00.000Z'],
    ['-1w', '2026-01-24T12:00:00.000Z'],
    ['2 weeks', '2026-02-14T12:00:00.000Z'],
    ['+1 mo', '2026-02-28T12:00:00.000Z'],
    ['-2 months', '2025-11-30T12:00:00.000Z'],
    ['+1y', '2027-01-31T12:00:00.000Z'],
    ['-26 years', '2000-01-31T12:00:00.000Z'],
    ['', now.toISOString()],
    ['soon', now.toISOString()],
    ['+1 fortnight', now.toISOString()],
    ['- 1 day', now.toISOString()],
  ])('$NOW(%s) at noon on 31 January 2026 is %s', (adjustment, expected) => {
    expect(adjust(now, adjustment)?.toISOString()).toBe(expected);
  });

  it.each(['-2026 y', '+8000 y', `+1${'0'.repeat(400)} ms`])('$NOW(%s) is out of range', (adjustment) => {
    expect(adjust(now, adjustment)).toBeUndefined();
  });
});
