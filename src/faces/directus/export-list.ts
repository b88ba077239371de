import { Readable } from 'node:stream';
import type { Caller } from './caller.ts';
import { writeOperation } from './documents.ts';
import { createWriter } from './export.ts';
import type { ExportFormat, Query } from './query.ts';
import { listParameters, prepareKeyed, rowsOf } from './reads.ts';
import type { Row } from './render.ts';
import { shownOf } from './shown.ts';

/** All rows, however many one read may have otherwise. */
const all = { most: undefined };

/** Rows of the first batch; how large rows are shows in what was written of those before. */
const firstRows = 10;
const mostRows = 1000;
/** Characters that one batch is meant to make. */
const batchCharacters = 1024 * 1024;

/**
 * The list as text, batch by batch at the pace of its reader. First its keys are read, in order and by one statement, so
 * it has the rows that there were at that moment; then the rows by key. No connection and no snapshot is held meanwhile:
 * a row shows what it is when its batch is read, and is left out when it is gone or does not match any more.
 * @throws ServiceError for a query that cannot be asked, before anything is sent.
 */
export async function exportList(
  caller: Caller,
  { query, keys, format }: { readonly query: Query; readonly keys?: readonly string[]; readonly format: ExportFormat },
): Promise<Readable> {
  // Refuses fields before anything is read.
  const { columns } = shownOf(caller.resource, query, caller);
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

/** Numbers where they are: they take a quarter of the memory of their texts. */
async function readKeys(
  caller: Caller,
  query: Query,
  keys: readonly string[] | undefined,
): Promise<readonly (string | number)[]> {
  const { resource } = caller;
  const parameters = listParameters(resource, query, keys);
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection: 'id' };
  // Who gives no limit gets what a read would show.
  const rows = rowsOf(
    await caller.run(writeOperation('query', [call]), parameters.limit === undefined ? undefined : all),
  );
  return rows.map(({ id }) => (resource.hasIntegerKeys ? Number(id) : String(id)));
}

async function* write(
  caller: Caller,
  query: Query,
  { keys, writer }: { readonly keys: readonly (string | number)[]; readonly writer: ReturnType<typeof createWriter> },
): AsyncGenerator<string, void> {
  let size = firstRows;
  let start = 0;
  do {
    const batch = keys.slice(start, start + size).map(String);
    const rows = await readRows(caller, query, batch);
    const text = writer.rows(rows);
    // An empty text would end the stream.
    if (text !== '') yield text;
    start += batch.length;
    if (rows.length > 0) size = sizeFor(text.length / rows.length);
  } while (start < keys.length);
  const end = writer.end();
  if (end !== '') yield end;
}

function sizeFor(rowCharacters: number): number {
  return Math.max(1, Math.min(mostRows, Math.floor(batchCharacters / rowCharacters)));
}

/** The rows that are there, in the order of the keys. No keys are read as well: what is wrong with a query is told then. */
async function readRows(caller: Caller, query: Query, keys: readonly string[]): Promise<readonly Row[]> {
  const { limit: _limit, offset: _offset, page: _page, meta: _meta, ...unpaged } = query;
  const { rows } = await prepareKeyed(caller.resource, unpaged, caller, keys).run(caller, all);
  return keys.flatMap((key) => {
    const row = rows.get(key);
    return row ? [row] : [];
  });
}
