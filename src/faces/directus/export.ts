import { stringify } from 'csv-stringify/sync';
import { dump } from 'js-yaml';
import { parse as toXml } from 'js2xmlparser';
import { type ExportFormat, isObject } from './query.ts';
import type { Column } from './render.ts';

/** A file that is sent instead of JSON. */
export interface ExportedFile {
  readonly name: string;
  readonly contentType: string;
}

/** What is exported, and as what. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** The collection's name on the wire; the file is named for it. */
  readonly collection: string;
  readonly now: Date;
}

/** Writes a list as a file, some rows at a time: the rows alone, without envelope and counts. */
export interface ListWriter {
  readonly rows: (rows: readonly unknown[]) => string;
  /** What comes after the last row. */
  readonly end: () => string;
}

/** The keys of a row, for the header of a table; undefined: whatever keys the first row has. */
type Columns = readonly Column[] | undefined;

type Path = readonly string[];

interface Format {
  readonly extension: string;
  readonly type: string;
  readonly createWriter: (columns: Columns) => ListWriter;
  /** Writes what is no list; left out: as a list of one. */
  readonly writeOne?: (data: unknown) => string;
}

// Characters that XML cannot hold become the replacement character instead of a failure.
const xml = (data: unknown) => toXml('data', data, { replaceInvalidChars: true });
const json = (data: unknown) => JSON.stringify(data, null, '\t');
const yaml = (data: unknown) => dump(data, { noRefs: true });

const formats: Readonly<Record<ExportFormat, Format>> = {
  csv: { extension: 'csv', type: 'text/csv', createWriter: (columns) => createTableWriter(columns) },
  // The byte order mark is what makes spreadsheets read the file as UTF-8.
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

/** The name and the type of the file. */
export function describeExport({ format, collection, now }: ExportRequest): ExportedFile {
  const { extension, type } = formats[format];
  return { name: `${collection} ${stampOf(now)}.${extension}`, contentType: `${type}; charset=utf-8` };
}

export function createWriter(format: ExportFormat, columns: Columns): ListWriter {
  return formats[format].createWriter(columns);
}

/** The text of the whole file: the data alone, without envelope and counts. */
export function writeExport(format: ExportFormat, data: unknown, columns: Columns): string {
  const { writeOne } = formats[format];
  if (!Array.isArray(data) && writeOne) return writeOne(data);
  const writer = createWriter(format, columns);
  return writer.rows([data].flat()) + writer.end();
}

/** How a format writes a list: what it writes of some rows, without begin and end, is what it writes of them in a longer one. */
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

/** One line per row, related values under dotted names; texts are quoted, numbers are not, and no rows are no text. */
function createTableWriter(columns: Columns, mark = ''): ListWriter {
  let paths: readonly Path[] | undefined;
  const lines = (table: readonly (readonly unknown[])[]) =>
    stringify([...table], {
      quoted_string: true,
      cast: { boolean: String },
      eof: false,
      // What users wrote must not be run by the spreadsheet that the file is opened with.
      escape_formulas: true,
    });
  return {
    rows(rows) {
      if (rows.length === 0) return '';
      const isFirst = paths === undefined;
      const known = paths ?? (columns ? pathsOfColumns(columns) : pathsOfRows(rows));
      paths = known;
      const table = rows.map((row) => known.map((path) => cellAt(row, path)));
      return isFirst ? mark + lines([known.map((path) => path.join('.')), ...table]) : `\n${lines(table)}`;
    },
    // An empty file has its mark all the same.
    end: () => (paths === undefined ? mark : ''),
  };
}

function pathsOfColumns(columns: readonly Column[]): Path[] {
  return columns.flatMap(({ key, shape }) =>
    shape.kind === 'relation' ? pathsOfColumns(shape.columns).map((path) => [key, ...path]) : [[key]],
  );
}

/** Groups have the keys of what was aggregated, which the first of them shows. */
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
