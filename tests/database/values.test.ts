import { describe, expect, it } from '@jest/globals';
import { toIsoText } from '../../src/database/values.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase();

async function evaluate(expression: string): Promise<unknown> {
  const rows = await db.query<{ value: unknown }>({ text: `select ${expression} as value`, values: [] });
  return rows[0]?.value;
}

describe('toIsoText', () => {
  it.each([
    ['2024-02-03 04:05:06+00', '2024-02-03T04:05:06.000Z'],
    ['2024-02-03 04:05:06.1+00', '2024-02-03T04:05:06.100Z'],
    ['2024-02-03 04:05:06.12+00', '2024-02-03T04:05:06.120Z'],
    ['2024-02-03 04:05:06.123+00', '2024-02-03T04:05:06.123Z'],
    ['2024-02-03 04:05:06.123456+00', '2024-02-03T04:05:06.123Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
    ['12024-02-03 04:05:06+00', '+012024-02-03T04:05:06.000Z'],
    ['0044-03-15 00:00:00+00 BC', '-000043-03-15T00:00:00.000Z'],
    ['2024-02-03 04:05:06+05:30', '2024-02-02T22:35:06.000Z'],
    ['infinity', 'infinity'],
    ['-infinity', '-infinity'],
    ['294276-12-31 23:59:59.999999+00', '294276-12-31 23:59:59.999999+00'],
  ])('the timestamp %s is converted to %s', (text, expected) => {
    expect(toIsoText(text)).toBe(expected);
  });
});

describe('query', () => {
  it.each([
    [`'9007199254740991'::bigint`, 9007199254740991],
    [`array[1::bigint, null]`, [1, null]],
    [`1.50::numeric`, '1.50'],
    [`timestamptz '2024-02-03T04:05:06.7+02'`, '2024-02-03T02:05:06.700Z'],
    [`array[timestamptz '2024-02-03T04:05:06Z', null]`, ['2024-02-03T04:05:06.000Z', null]],
    [`timestamp '2024-02-03 04:05:06'`, '2024-02-03 04:05:06'],
    [`date '2024-02-03'`, '2024-02-03'],
    [`array['8b3f1f9e-3f0c-4e55-8c6b-5b8d3a4e2a11'::uuid]`, ['8b3f1f9e-3f0c-4e55-8c6b-5b8d3a4e2a11']],
    [`'{}'::uuid[]`, []],
    [`'{"a": [1, null]}'::jsonb`, { a: [1, null] }],
    [`null::timestamptz`, null],
  ])('the value %s is decoded as %j', async (expression, expected) => {
    expect(await evaluate(expression)).toEqual(expected);
  });

  it('every session uses UTC and ISO dates', async () => {
    expect(await evaluate(`current_setting('timezone') || ' ' || current_setting('datestyle')`)).toBe('UTC ISO, MDY');
  });
});
