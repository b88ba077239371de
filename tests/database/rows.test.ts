import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { columnsOf, type Row } from '../../src/database/row.ts';
import type { Notification as NotificationRecord } from '../../src/generated/prisma/client.ts';
import { type Notification, notificationColumns } from '../../src/notifications/model.ts';

const schema = await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');

/** The fields of a model of Prisma's schema that are columns. */
function columnsOfModel(model: string): string[] {
  const [, fields = ''] = new RegExp(`^model ${model} \\{(.*?)^\\}`, 'ms').exec(schema) ?? [];
  return [...fields.matchAll(/^\s+(\w+)\s+(?:String|Int|BigInt|Boolean|DateTime|Json|Bytes)\b/gm)].map(
    ([, field = '']) => field,
  );
}

describe('rows', () => {
  it('fields of all models are spelled as their columns', () => {
    const models = [...schema.matchAll(/^model (\w+)/gm)].map(([, model = '']) => model);
    const fields = models.flatMap(columnsOfModel);

    expect(fields.length).toBeGreaterThan(models.length);
    expect(fields.filter((field) => /[A-Z]/.test(field))).toEqual([]);
    expect(schema).not.toMatch(/(?<!@)@map\(/);
  });

  it('the row of a notification has the columns of its model', () => {
    expect(columnsOfModel('Notification')).toEqual([...notificationColumns]);
  });

  it('a row with an extra or a missing column does not compile', () => {
    const row: Pick<Row<NotificationRecord>, 'read_at' | 'version' | 'created_version' | 'targets'> = {
      read_at: '2026-11-22T03:50:37.215Z',
      version: 2,
      created_version: 1,
      targets: [],
    };
    // @ts-expect-error: a time is text, not a Date
    const wrong: Pick<Notification, 'read_at'> = { read_at: new Date(row.read_at ?? '') };
    // @ts-expect-error: there is no such column
    const unknown = columnsOf<Pick<Notification, 'id'>>()(['id', 'readAt']);
    // @ts-expect-error: a column is missing
    const short = columnsOf<Pick<Notification, 'id' | 'uuid'>>()(['id']);

    expect([wrong.read_at, unknown, short]).toHaveLength(3);
  });
});
