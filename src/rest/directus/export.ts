import { stringify } from 'csv-stringify/sync';
import { dump } from 'js-yaml';
import { parse as toXml } from 'js2xmlparser';
import { type ExportFormat, isObject } from './query.ts';
import type { Column } from './render.ts';

/** A file made of the data of an answer. */
export interface ExportedFile {
  readonly name: string;
  readonly contentType: string;
  readonly text: string;
}

/** What is exported, and as what. */
export interface ExportRequest {
  readonly format: ExportFormat;
  /** The collection's name on the wire; the file is named for it. */
  readonly collection: string;
  readonly data: unknown;
  /** The keys of a row, for the header of a table; undefined: whatever keys the rows have. */
  readonly columns: readonly Column[] | undefined;
  readonly now: Date;
}

type Path = readonly string[];

const formats: Readonly<
  Record<
    ExportFormat,
    { readonly extension: string; readonly type: string; readonly write: (request: ExportRequest) => string }
  >
> = {
  csv: { extension: 'csv', type: 'text/csv', write: toCsv },
  // The byte order mark is what makes spreadsheets read the file as UTF-8.
  csv_utf8: { extension: 'csv', type: 'text/csv', write: (request) => `\uFEFF${toCsv(request)}` },
  json: { extension: 'json', type: 'application/json', write: ({ data }) => JSON.stringify(data, null, '\t') },
  // Characters that XML cannot hold become the replacement character instead of a failure.
  xml: { extension: 'xml', type: 'text/xml', write: ({ data }) => toXml('data', data, { replaceInvalidChars: true }) },
  yaml: { extension: 'yaml', type: 'text/yaml', write: ({ data }) => dump(data, { noRefs: true }) },
};

/** Writes the data as a file of the format: the data alone, without envelope and counts. */
export function exportFile(request: ExportRequest): ExportedFile {
  const { extension, type, write } = formats[request.format];
  return {
    name: `${request.collection} ${stampOf(request.now)}.${extension}`,
    contentType: `${type}; charset=utf-8`,
    text: write(request),
  };
}

/** One line per row, related values under dotted names; texts are quoted, numbers are not, and no rows are no text. */
function toCsv({ data, columns }: ExportRequest): string {
  const rows = [data].flat();
  if (rows.length === 0) return '';
  const paths = columns ? pathsOfColumns(columns) : pathsOfRows(rows);
  const table = rows.map((row) => paths.map((path) => cellAt(row, path)));
  return stringify([paths.map((path) => path.join('.')), ...table], {
    quoted_string: true,
    cast: { boolean: String },
    eof: false,
  });
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
