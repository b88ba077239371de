import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { columnsOf, type Row } from '../../src/database/row.ts';
import type { Notification as NotificationRecord } from '../../src/generated/prisma/client.ts';
import { type Notification, notificationColumns } from '../../src/notifications/model.ts';

/** The columns of a model of Prisma's schema, by the names of its properties. */
async function columnsByProperty(model: string): Promise<[string, string][]> {
  const schema = await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');
  const [, fields = ''] = new RegExp(`^model ${model} \\{(.*?)^\\}`, 'ms').exec(schema) ?? [];
  const scalars = /^\s+(\w+)\s+(?:String|Int|BigInt|Boolean|DateTime|Json|Bytes)\b(.*)$/gm;
  return [...fields.matchAll(scalars)].map(([, property = '', attributes = '']) => {
    const [, column = property] = /@map\("(\w+)"\)/.exec(attributes) ?? [];
    return [property, column];
  });
}

const toSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

describe('the row of a notification', () => {
  it('the row of a notification has the columns of the model under their derived names', async () => {
    const columns = await columnsByProperty('Notification');

    expect(columns.length).toBeGreaterThan(0);
    expect(columns.map(([property]) => toSnakeCase(property))).toEqual(columns.map(([, column]) => column));
    expect(columns.map(([, column]) => column).sort()).toEqual([...notificationColumns].sort());
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
