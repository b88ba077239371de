import { describe, expect, it } from '@jest/globals';
import { textArray } from '../../src/database/text-array.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase();

async function readAs(type: string, values: readonly (string | boolean | null | undefined)[]): Promise<unknown> {
  const [row] = await db.query<{ values: unknown }>({
    text: `select to_json($1::${type}[]) as values`,
    values: [textArray(values)],
  });
  return row?.values;
}

describe('textArray', () => {
  it.each([
    ['no values', []],
    ['plain texts', ['a', 'b c', 'é', '🙂']],
    ['texts with a meaning in arrays', ['', 'NULL', 'null', '{a,b}', 'a,b', ' a ']],
    ['quotation marks and backslashes', ['"', 'a"b', '\\', 'a\\"b', "it's"]],
    ['control characters', ['a\nb', '\t', '\u0001', '\r\n', '\u2028']],
    ['nulls beside texts that need escapes', [null, 'a', '"', null]],
  ])('PostgreSQL reads %s unchanged', async (_title, values) => {
    expect(await readAs('text', values)).toEqual(values);
  });

  it('undefined becomes NULL, and truth values stay', async () => {
    expect(await readAs('boolean', [true, undefined, false, null])).toEqual([true, null, false, null]);
    expect(await readAs('text', ['"', undefined])).toEqual(['"', null]);
  });
});
