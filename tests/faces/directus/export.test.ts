import { describe, expect, it } from '@jest/globals';
import { createWriter, describeExport, writeExport } from '../../../src/faces/directus/export.ts';
import type { ExportFormat } from '../../../src/faces/directus/query.ts';
import { renderedSelectionOf } from '../../../src/faces/directus/rendered-selection.ts';
import { limits, notifications, queryOf } from './support/resources.ts';

const rows = [
  { id: 1, subject: 'Say "hi"', message: null, sender: null },
  { id: 2, subject: '', message: 'two\nlines', sender: { email: 'bob@example.com', first_name: null } },
];
const { columns } = renderedSelectionOf(
  notifications,
  queryOf('fields=id,subject,message,sender.email,sender.first_name'),
  {
    role: 'admin',
    limits,
  },
);
const now = new Date(2026, 10, 2, 7, 8, 15);

const exported = (format: ExportFormat, data: unknown = rows) => ({
  ...describeExport({ format, collection: 'directus_notifications', now }),
  text: writeExport(format, data, columns),
});

describe('exports', () => {
  it('the name of an export has the collection and the time, with no leading zero in the hour', () => {
    expect(exported('csv_utf8').name).toBe('directus_notifications 20261102-70815.csv');
    expect(exported('yaml').name).toBe('directus_notifications 20261102-70815.yaml');
  });

  it('an export writes CSV with quoted texts and dotted related fields', () => {
    expect(exported('csv').contentType).toBe('text/csv; charset=utf-8');
    expect(exported('csv').text).toBe(
      '"id","subject","message","sender.email","sender.first_name"\n' +
        '1,"Say ""hi""",,,\n' +
        '2,"","two\nlines","bob@example.com",',
    );
  });

  it('an export writes CSV of groups with their keys as columns', () => {
    const data = [{ status: 'inbox', count: { id: '8' } }];

    expect(writeExport('csv', data, undefined)).toBe('"status","count.id"\n"inbox","8"');
  });

  it('an export writes empty CSV without rows, and a header and one line for a single row', () => {
    expect(exported('csv', []).text).toBe('');
    expect(exported('csv', { id: 7 }).text).toMatch(/\n7,,,,$/);
  });

  it('an export writes a byte order mark in the format csv_utf8', () => {
    expect(exported('csv_utf8').text).toBe(`\uFEFF${exported('csv').text}`);
  });

  it('an export writes JSON indented by tabs', () => {
    expect(exported('json', [{ id: 1 }]).text).toBe('[\n\t{\n\t\t"id": 1\n\t}\n]');
  });

  it('an export writes XML, with replacements for characters that XML does not allow', () => {
    expect(exported('xml', [{ id: 1, subject: 'a\u0001<' }]).text).toBe(
      "<?xml version='1.0'?>\n<data>\n    <data>\n        <id>1</id>\n        <subject>a\uFFFD&lt;</subject>\n    </data>\n</data>",
    );
  });

  it('an export writes YAML, also for objects without a prototype', () => {
    const row = Object.assign(Object.create(null), { id: 1, subject: 'Hi there!' });

    expect(exported('yaml', [row]).text).toBe('- id: 1\n  subject: Hi there!\n');
  });

  it.each(['csv', 'csv_utf8', 'json', 'xml', 'yaml'] as const)(
    'an export writes the same %s in parts as in one piece',
    (format) => {
      for (const parts of [[rows], [[], rows.slice(0, 1), [], rows.slice(1)], [[]]]) {
        const writer = createWriter(format, columns);
        const text = parts.map(writer.rows).join('') + writer.end();

        expect(text).toBe(exported(format, parts.flat()).text);
      }
    },
  );

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])(
    'an export prefixes a CSV value that a spreadsheet would run as a formula: %j',
    (subject) => {
      expect(exported('csv', [{ id: -1, subject }]).text).toContain(`\n-1,"'${subject}"`);
    },
  );
});
