import { stringify } from 'csv-stringify/sync';
import { dump } from 'js-yaml';
import { parse as toXml } from 'js2xmlparser';
import { type ExportFormat, isObject } from './query.ts';
import type { Column } from './render.ts';

/** A file sent instead of JSON. */
export interface ExportedFile {
  readonly name: string;
  readonly contentType: string;
}

/** What to export, in which format. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** The collection's name in the API, used as the file name. */
  readonly collection: string;
  readonly now: Date;
}

/** Writes a list of rows to a file in batches, without envelope and counts. */
export interface ListWriter {
  readonly rows: (rows: readonly unknown[]) => string;
  /** The text after the last row. */
  readonly end: () => string;
}

/** The columns of a table; undefined: the keys of the first row. */
type Columns = readonly Column[] | undefined;

type Path = readonly string[];

interface Format {
  readonly extension: string;
  readonly type: string;
  readonly createWriter: (columns: Columns) => ListWriter;
  /** Writes data that is not a list; undefined: it is written as a list of one. */
  readonly writeOne?: (data: unknown) => string;
}

// Characters that XML does not allow become the replacement character, instead of an error.
const xml = (data: unknown) => toXml('data', data, { replaceInvalidChars: true });
const json = (data: unknown) => JSON.stringify(data, null, '\t');
const yaml = (data: unknown) => dump(data, { noRefs: true });

const formats: Readonly<Record<ExportFormat, Format>> = {
  csv: { extension: 'csv', type: 'text/csv', createWriter: (columns) => createTableWriter(columns) },
  // Spreadsheets read the file as UTF-8 because of the byte order mark.
  csv_utf8: { extension: 'csv', type: 'text/csv', createWriter: (columns) => createTableWriter(columns, '\uFEFF') },
  json: {
    extension: 'json',
    type: 'application/json',
    createWriter: () => createListWriter({ write: json, begin: '[\n', between: ',\n', end: '\n]' }),
    writeOne: json,
  },
  xml: {
    extension: 'xml',
    type: 'text/xml',
    createWriter: () =>
      createListWriter({ write: xml, begin: "<?xml version='1.0'?>\n<data>\n", between: '\n', end: '\n</data>' }),
    writeOne: xml,
  },
  yaml: {
    extension: 'yaml',
    type: 'text/yaml',
    createWriter: () => createListWriter({ write: yaml, begin: '', between: '', end: '' }),
    writeOne: yaml,
  },
};

/** The name and content type of the file. */
export function describeExport({ format, collection, now }: ExportRequest): ExportedFile {
  const { extension, type } = formats[format];
  return { name: `${collection} ${stampOf(now)}.${extension}`, contentType: `${type}; charset=utf-8` };
}

export function createWriter(format: ExportFormat, columns: Columns): ListWriter {
  return formats[format].createWriter(columns);
}

/** The text of the whole file, without envelope and counts. */
export function writeExport(format: ExportFormat, data: unknown, columns: Columns): string {
  const { writeOne } = formats[format];
  if (!Array.isArray(data) && writeOne) return writeOne(data);
  const writer = createWriter(format, columns);
  return writer.rows([data].flat()) + writer.end();
}

/** A list format. Without `begin` and `end`, the text of a batch is the same as in a longer list. */
interface ListFormat {
  readonly write: (rows: readonly unknown[]) => string;
  readonly begin: string;
  readonly between: string;
  readonly end: string;
}

function createListWriter({ write, begin, between, end }: ListFormat): ListWriter {
  let isEmpty = true;
  return {
    rows(rows) {
      if (rows.length === 0) return '';
      const text = write(rows);
      const inner = text.slice(begin.length, text.length - end.length);
      const lead = isEmpty ? begin : between;
      isEmpty = false;
      return lead + inner;
    },
    end: () => (isEmpty ? write([]) : end),
  };
}

/** One line per row, with dotted names for related values. Strings are quoted; an empty list gives an empty file. */
function createTableWriter(columns: Columns, mark = ''): ListWriter {
  let paths: readonly Path[] | undefined;
  const lines = (table: readonly (readonly unknown[])[]) =>
    stringify([...table], {
      quoted_string: true,
      cast: { boolean: String },
      eof: false,
      // Spreadsheets must not run text that users wrote as formulas.
      escape_formulas: true,
    });
  return {
    rows(rows) {
      if (rows.length === 0) return '';
      const isFirst = paths === undefined;
      const header = paths ?? (columns ? pathsOfColumns(columns) : pathsOfRows(rows));
      paths = header;
      const table = rows.map((row) => header.map((path) => cellAt(row, path)));
      return isFirst ? mark + lines([header.map((path) => path.join('.')), ...table]) : `\n${lines(table)}`;
    },
    // An empty file has the byte order mark, too.
    end: () => (paths === undefined ? mark : ''),
  };
}

function pathsOfColumns(columns: readonly Column[]): Path[] {
  return columns.flatMap(({ key, shape }) =>
    shape.kind === 'relation' ? pathsOfColumns(shape.columns).map((path) => [key, ...path]) : [[key]],
  );
}

/** The paths of the first row; all groups of an aggregation have the same keys. */
function pathsOfRows([first]: readonly unknown[]): Path[] {
  if (!isObject(first)) return [];
  return Object.entries(first).flatMap(([key, value]) =>
    isObject(value) ? pathsOfRows([value]).map((path) => [key, ...path]) : [[key]],
  );
}

function cellAt(row: unknown, path: Path): unknown {
  const value = path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), row);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/** `20261122-70815` for eight minutes past seven: the hour has no leading zero. */
function stampOf(time: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}-${time.getHours()}${two(time.getMinutes())}${two(time.getSeconds())}`;
}
