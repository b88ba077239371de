import { Readable } from 'node:stream';
import type { Caller } from './caller.ts';
import { writeOperation } from './documents.ts';
import type { ListWriter } from './export.ts';
import type { ExportFormat, Query } from './query.ts';
import { listParameters, prepareKeyed, rowsOf } from './reads.ts';
import type { Row } from './render.ts';
import { renderedSelectionOf } from './rendered-selection.ts';

/** Reads all rows, without the limit of a single read. */
const allRows = { most: undefined };

/** Rows of the first batch; the size of later batches follows from the length of the rows written before. */
const firstRows = 10;
const maxRows = 1000;
/** Intended length of a batch, in characters. */
const batchCharacters = 1024 * 1024;

/**
 * Exports a list as a stream of text, read in batches at the reader's pace. One statement reads all keys in order,
 * which fixes the set of rows; the rows are then read by key. No connection or snapshot is held between batches: rows
 * are exported in their current state, and rows that were deleted or no longer match are omitted.
 * @throws ServiceError for an invalid query, before anything is sent.
 */
export async function exportList(
  caller: Caller,
  { query, keys, format }: { readonly query: Query; readonly keys?: readonly string[]; readonly format: ExportFormat },
): Promise<Readable> {
  // Invalid fields are refused before anything is read.
  const { columns } = renderedSelectionOf(caller.resource, query, caller);
  // Loaded only here: the libraries of the formats need 8 MB.
  const { createWriter } = await import('./export.ts');
  const texts = write(caller, query, {
    keys: await readKeys(caller, query, keys),
    writer: createWriter(format, columns),
  });
  const first = await texts.next();
  return Readable.from(startingWith(first, texts));
}

async function* startingWith(
  first: IteratorResult<string, void>,
  texts: AsyncGenerator<string, void>,
): AsyncGenerator<string, void> {
  if (first.done) return;
  yield first.value;
  yield* texts;
}

/** Reads the keys of the list; integer keys as numbers, which need a quarter of the memory of strings. */
async function readKeys(
  caller: Caller,
  query: Query,
  keys: readonly string[] | undefined,
): Promise<readonly (string | number)[]> {
  const { resource } = caller;
  const parameters = listParameters(resource, query, keys);
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection: 'id' };
  // If the query has no limit, the default limit of a read applies.
  const rows = rowsOf(
    await caller.run(writeOperation('query', [call]), parameters.limit === undefined ? undefined : allRows),
  );
  return rows.map(({ id }) => (resource.hasIntegerKeys ? Number(id) : String(id)));
}

async function* write(
  caller: Caller,
  query: Query,
  { keys, writer }: { readonly keys: readonly (string | number)[]; readonly writer: ListWriter },
): AsyncGenerator<string, void> {
  let size = firstRows;
  let start = 0;
  do {
    const batch = keys.slice(start, start + size).map(String);
    const rows = await readRows(caller, query, batch);
    const text = writer.rows(rows);
    // An empty chunk would end the stream.
    if (text !== '') yield text;
    start += batch.length;
    if (rows.length > 0) size = sizeFor(text.length / rows.length);
  } while (start < keys.length);
  const end = writer.end();
  if (end !== '') yield end;
}

function sizeFor(rowCharacters: number): number {
  return Math.max(1, Math.min(maxRows, Math.floor(batchCharacters / rowCharacters)));
}

/** Reads the rows in the order of the keys. It also runs without keys, so that an invalid query is refused. */
async function readRows(caller: Caller, query: Query, keys: readonly string[]): Promise<readonly Row[]> {
  const { limit: _limit, offset: _offset, page: _page, meta: _meta, ...unpaged } = query;
  const { rows } = await prepareKeyed(caller.resource, unpaged, caller, keys).run(caller, allRows);
  return keys.flatMap((key) => {
    const row = rows.get(key);
    return row ? [row] : [];
  });
}
