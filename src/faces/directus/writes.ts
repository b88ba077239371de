import { forbidden, invalidPayload } from '../../errors.ts';
import type { PatchBody, RowSelector } from './body.ts';
import type { Caller } from './caller.ts';
import { writeOperation } from './documents.ts';
import { toGraphQLInput } from './payload.ts';
import { type JsonObject, parseQuery, type Query } from './query.ts';
import { isNarrowed, listArguments, prepareList, rowsOf } from './reads.ts';
import type { Row } from './render.ts';
import { renderedSelectionOf } from './rendered-selection.ts';
import { keyOf } from './resource.ts';

/** Creates one row. Undefined if the query excludes it from the response. */
export async function createOne(caller: Caller, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(caller, body, 'createInput');
  const { stem } = caller.resource;
  // Only the mutation for many rows takes a filter.
  const [row] = isNarrowed(query)
    ? await mutate(caller, `create_${stem}_items`, { data: [data], ...unpaged(caller, query) }, query)
    : await mutate(caller, `create_${stem}_item`, { data }, query);
  return row;
}

/** Creates rows, all or none; the query applies to the returned rows. An empty list needs no permission. */
export async function createMany(caller: Caller, items: readonly unknown[], query: Query): Promise<Row[]> {
  if (items.length === 0) return [];
  const data = items.map((item) => inputOf(caller, item, 'createInput'));
  return mutate(
    caller,
    `create_${caller.resource.stem}_items`,
    { data, ...listArguments(caller.resource, query) },
    query,
  );
}

/** Changes one row. Undefined if the query excludes it afterwards. @throws ServiceError `FORBIDDEN` if unknown. */
export async function updateOne(caller: Caller, key: string, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(caller, body, 'updateInput');
  const { stem } = caller.resource;
  if (!isNarrowed(query)) {
    const [row] = await mutate(caller, `update_${stem}_item`, { id: key, data }, query);
    return row;
  }
  const parameters = { ids: [key], data, ...unpaged(caller, query) };
  await requireExisting(caller, key);
  const [row] = await mutate(caller, `update_${stem}_items`, parameters, query);
  return row;
}

/** Changes the selected rows, all or none; the query applies to the returned rows. */
export async function updateMany(caller: Caller, body: PatchBody, query: Query): Promise<Row[]> {
  const { resource } = caller;
  const rereadArguments = listArguments(resource, query);
  if (body.kind === 'batch') {
    const data = body.items.map((item) => ({ ...inputOf(caller, item, 'updateInput'), id: keyOf(resource, item.id) }));
    return mutate(caller, `update_${resource.stem}_batch`, { data, ...rereadArguments }, query);
  }
  const data = inputOf(caller, body.data, 'updateInput');
  const ids = await selectedKeys(caller, body);
  // A query without matches changes nothing. Keys are passed on even if empty, because the schema checks them.
  if (body.query && ids.length === 0) return [];
  return mutate(caller, `update_${resource.stem}_items`, { ids, data, ...rereadArguments }, query);
}

/** Changes the viewer's own user. Undefined if nothing is returned. */
export async function updateOwn(caller: Caller, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(caller, body, 'updateInput');
  const [row] = await mutate(caller, `update_${caller.resource.stem}_me`, { data }, query);
  return row;
}

/** Deletes one row; the schema decides whether a missing row is an error. */
export async function deleteOne(caller: Caller, key: string): Promise<void> {
  const field = caller.resource.rootField(`delete_${caller.resource.stem}_item`);
  await caller.run(writeOperation('mutation', [{ alias: 'data', field, parameters: { id: key }, selection: 'id' }]));
}

/** Deletes the selected rows, all or none. */
export async function deleteMany(caller: Caller, selector: RowSelector): Promise<void> {
  const ids = await selectedKeys(caller, selector);
  const field = caller.resource.rootField(`delete_${caller.resource.stem}_items`);
  await caller.run(writeOperation('mutation', [{ alias: 'data', field, parameters: { ids }, selection: 'ids' }]));
}

/** Runs a mutation and renders the rows it returns. The selection is checked before anything is written. */
async function mutate(caller: Caller, mutation: string, parameters: JsonObject, query: Query): Promise<Row[]> {
  const { text, variables, render } = renderedSelectionOf(caller.resource, query, caller);
  const field = caller.resource.rootField(mutation);
  const call = { alias: 'data', field, parameters, selection: text };
  const data = await caller.run(writeOperation('mutation', [call], variables));
  return rowsOf(data).map(render);
}

/**
 * The keys in the body, or those that its query finds. Without a limit, the query finds as many rows as a read
 * returns by default; with the limit −1 it finds all, even more than a read may return.
 * @throws ServiceError `INVALID_PAYLOAD` if the query finds more than `batchMax` keys; keys of the body are counted
 *   later.
 */
async function selectedKeys(caller: Caller, { keys, query: parameters = {} }: RowSelector): Promise<readonly string[]> {
  const { resource, limits } = caller;
  if (keys) return keys.map((key) => keyOf(resource, key));
  const query = parseQuery(parameters, limits);
  const args = listArguments(resource, query);
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters: args, selection: 'id' };
  const isUnlimited = (query.limit ?? limits.queryDefault) === -1 && !query.page;
  // Reads one row above the limit to detect that there are too many.
  const rows = isUnlimited ? { most: limits.batchMax + 1 } : undefined;
  const found = rowsOf(await caller.run(writeOperation('query', [call]), rows)).map(({ id }) => String(id));
  if (found.length > limits.batchMax) throw await tooMany(caller, query);
  return found;
}

async function tooMany(caller: Caller, query: Query): Promise<Error> {
  const { resource, limits } = caller;
  const most = `the ${limits.batchMax} that one write may change`;
  const counted = prepareList(resource, { ...query, limit: 0, meta: ['filter_count'] }, caller);
  const { meta } = await counted.run(caller);
  return invalidPayload(`"query" finds ${meta?.['filter_count']} items, more than ${most}`);
}

/** @throws ServiceError `FORBIDDEN` if the row does not exist or is hidden from the viewer. */
async function requireExisting(caller: Caller, key: string): Promise<void> {
  const field = caller.resource.rootField(`${caller.resource.stem}_by_id`);
  const call = { alias: 'data', field, parameters: { id: key }, selection: 'id' };
  if (rowsOf(await caller.run(writeOperation('query', [call]))).length === 0) throw forbidden();
}

/** The arguments that can exclude a single row; paging is ignored. */
function unpaged({ resource }: Caller, query: Query): JsonObject {
  const { filter, search, sort } = listArguments(resource, query);
  return { filter, search, sort };
}

function inputOf({ resource, role }: Caller, body: unknown, input: 'createInput' | 'updateInput') {
  return toGraphQLInput(body, resource[input], { collection: resource.collection, role });
}
