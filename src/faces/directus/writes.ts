import { forbidden, invalidPayload } from '../../errors.ts';
import type { Choice, PatchBody } from './body.ts';
import type { Caller } from './caller.ts';
import { writeOperation } from './documents.ts';
import { toGraphQLInput } from './payload.ts';
import { type JsonObject, parseQuery, type Query } from './query.ts';
import { isNarrowed, listArguments, prepareList, rowsOf } from './reads.ts';
import type { Row } from './render.ts';
import { keyOf } from './resource.ts';
import { shownOf } from './shown.ts';

/** Creates one. Undefined when it may not be shown. */
export async function createOne(caller: Caller, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(caller, body, 'createInput');
  const { stem } = caller.resource;
  // Only the mutation for many takes a filter.
  const [row] = isNarrowed(query)
    ? await mutate(caller, `create_${stem}_items`, { data: [data], ...unpaged(caller, query) }, query)
    : await mutate(caller, `create_${stem}_item`, { data }, query);
  return row;
}

/** Creates all or none; the query shapes what is shown of them. Nobody needs a right to create nothing. */
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

/** Changes one. Undefined when the query hides it afterwards. @throws ServiceError `FORBIDDEN` when it does not exist. */
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

/** Changes those chosen, all or none; the query shapes what is shown of them. */
export async function updateMany(caller: Caller, body: PatchBody, query: Query): Promise<Row[]> {
  const { resource } = caller;
  const shaping = listArguments(resource, query);
  if (body.kind === 'batch') {
    const data = body.items.map((item) => ({ ...inputOf(caller, item, 'updateInput'), id: keyOf(resource, item.id) }));
    return mutate(caller, `update_${resource.stem}_batch`, { data, ...shaping }, query);
  }
  const data = inputOf(caller, body.data, 'updateInput');
  const ids = await chosenKeys(caller, body);
  // A query that finds nothing has nothing to change; keys are the caller's claim, and the schema judges it.
  if (body.query && ids.length === 0) return [];
  return mutate(caller, `update_${resource.stem}_items`, { ids, data, ...shaping }, query);
}

/** Changes the caller. Undefined when nothing may be shown. */
export async function updateOwn(caller: Caller, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(caller, body, 'updateInput');
  const [row] = await mutate(caller, `update_${caller.resource.stem}_me`, { data }, query);
  return row;
}

/** Deletes one; whether a missing one is an error is the schema's to say. */
export async function deleteOne(caller: Caller, key: string): Promise<void> {
  const field = caller.resource.rootField(`delete_${caller.resource.stem}_item`);
  await caller.run(writeOperation('mutation', [{ alias: 'data', field, parameters: { id: key }, selection: 'id' }]));
}

/** Deletes those chosen, all or none. */
export async function deleteMany(caller: Caller, choice: Choice): Promise<void> {
  const ids = await chosenKeys(caller, choice);
  const field = caller.resource.rootField(`delete_${caller.resource.stem}_items`);
  await caller.run(writeOperation('mutation', [{ alias: 'data', field, parameters: { ids }, selection: 'ids' }]));
}

/** Runs a mutation and shows the rows it answers. What to show is settled before anything is written. */
async function mutate(caller: Caller, mutation: string, parameters: JsonObject, query: Query): Promise<Row[]> {
  const { text, variables, render } = shownOf(caller.resource, query, caller);
  const field = caller.resource.rootField(mutation);
  const call = { alias: 'data', field, parameters, selection: text };
  const data = await caller.run(writeOperation('mutation', [call], variables));
  return rowsOf(data).map(render);
}

/**
 * The keys that the body names, or that its query finds: without a limit, as many as a read would show; with −1 all,
 * also where a read would show a part of them.
 * @throws ServiceError `INVALID_PAYLOAD` for more than one write may have.
 */
async function chosenKeys(caller: Caller, { keys, query: given = {} }: Choice): Promise<readonly string[]> {
  const { resource, limits } = caller;
  if (keys) return keys.map((key) => keyOf(resource, key));
  const query = parseQuery(given, limits);
  const parameters = listArguments(resource, query);
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection: 'id' };
  const isUnlimited = (query.limit ?? limits.queryDefault) === -1 && !query.page;
  // One more than there may be tells that there are too many.
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

/** @throws ServiceError `FORBIDDEN` when the caller may not see it, or it does not exist. */
async function requireExisting(caller: Caller, key: string): Promise<void> {
  const field = caller.resource.rootField(`${caller.resource.stem}_by_id`);
  const call = { alias: 'data', field, parameters: { id: key }, selection: 'id' };
  if (rowsOf(await caller.run(writeOperation('query', [call]))).length === 0) throw forbidden();
}

/** The arguments that can hide a single row: paging means nothing to it. */
function unpaged({ resource }: Caller, query: Query): JsonObject {
  const { filter, search, sort } = listArguments(resource, query);
  return { filter, search, sort };
}

function inputOf({ resource, role }: Caller, body: unknown, input: 'createInput' | 'updateInput') {
  return toGraphQLInput(body, resource[input], { collection: resource.collection, role });
}
