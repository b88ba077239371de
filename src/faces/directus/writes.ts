import { forbidden, invalidPayload } from '../../errors.ts';
import type { Choice, PatchBody } from './body.ts';
import type { Desk } from './desk.ts';
import { writeOperation } from './documents.ts';
import { toGraphQLInput } from './payload.ts';
import { type JsonObject, parseQuery, type Query } from './query.ts';
import { isNarrowed, listArguments, prepareList, rowsOf } from './reads.ts';
import type { Row } from './render.ts';
import { keyOf } from './resource.ts';
import { shownOf } from './shown.ts';

/** Creates one. Undefined when it may not be shown. */
export async function createOne(desk: Desk, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(desk, body, 'createInput');
  const { stem } = desk.resource;
  // Only the mutation for many takes a filter.
  const [row] = isNarrowed(query)
    ? await mutate(desk, `create_${stem}_items`, { data: [data], ...unpaged(desk, query) }, query)
    : await mutate(desk, `create_${stem}_item`, { data }, query);
  return row;
}

/** Creates all or none; the query shapes what is shown of them. Nobody needs a right to create nothing. */
export async function createMany(desk: Desk, items: readonly unknown[], query: Query): Promise<Row[]> {
  if (items.length === 0) return [];
  const data = items.map((item) => inputOf(desk, item, 'createInput'));
  return mutate(desk, `create_${desk.resource.stem}_items`, { data, ...listArguments(desk.resource, query) }, query);
}

/** Changes one. Undefined when the query hides it afterwards. @throws ServiceError `FORBIDDEN` when it does not exist. */
export async function updateOne(desk: Desk, key: string, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(desk, body, 'updateInput');
  const { stem } = desk.resource;
  if (!isNarrowed(query)) {
    const [row] = await mutate(desk, `update_${stem}_item`, { id: key, data }, query);
    return row;
  }
  const parameters = { ids: [key], data, ...unpaged(desk, query) };
  await requireExisting(desk, key);
  const [row] = await mutate(desk, `update_${stem}_items`, parameters, query);
  return row;
}

/** Changes those chosen, all or none; the query shapes what is shown of them. */
export async function updateMany(desk: Desk, body: PatchBody, query: Query): Promise<Row[]> {
  const { resource } = desk;
  const shaping = listArguments(resource, query);
  if (body.kind === 'batch') {
    const data = body.items.map((item) => ({ ...inputOf(desk, item, 'updateInput'), id: keyOf(resource, item.id) }));
    return mutate(desk, `update_${resource.stem}_batch`, { data, ...shaping }, query);
  }
  const data = inputOf(desk, body.data, 'updateInput');
  const ids = await chosenKeys(desk, body);
  // A query that finds nothing has nothing to change; keys are the caller's claim, and the schema judges it.
  if (body.query && ids.length === 0) return [];
  return mutate(desk, `update_${resource.stem}_items`, { ids, data, ...shaping }, query);
}

/** Changes the caller. Undefined when nothing may be shown. */
export async function updateOwn(desk: Desk, body: unknown, query: Query): Promise<Row | undefined> {
  const data = inputOf(desk, body, 'updateInput');
  const [row] = await mutate(desk, `update_${desk.resource.stem}_me`, { data }, query);
  return row;
}

/** Deletes one; whether a missing one is an error is the schema's to say. */
export async function deleteOne(desk: Desk, key: string): Promise<void> {
  const field = desk.resource.rootField(`delete_${desk.resource.stem}_item`);
  await desk.run(writeOperation('mutation', [{ alias: 'data', field, parameters: { id: key }, selection: 'id' }]));
}

/** Deletes those chosen, all or none. */
export async function deleteMany(desk: Desk, choice: Choice): Promise<void> {
  const ids = await chosenKeys(desk, choice);
  const field = desk.resource.rootField(`delete_${desk.resource.stem}_items`);
  await desk.run(writeOperation('mutation', [{ alias: 'data', field, parameters: { ids }, selection: 'ids' }]));
}

/** Runs a mutation and shows the rows it answers. What to show is settled before anything is written. */
async function mutate(desk: Desk, mutation: string, parameters: JsonObject, query: Query): Promise<Row[]> {
  const { text, variables, render } = shownOf(desk.resource, query, desk);
  const field = desk.resource.rootField(mutation);
  const call = { alias: 'data', field, parameters, selection: text };
  const data = await desk.run(writeOperation('mutation', [call], variables));
  return rowsOf(data).map(render);
}

/**
 * The keys that the body names, or that its query finds: without a limit, as many as a read would show; with −1 all,
 * also where a read would show a part of them.
 * @throws ServiceError `INVALID_PAYLOAD` for more than one write may have.
 */
async function chosenKeys(desk: Desk, { keys, query: given = {} }: Choice): Promise<readonly string[]> {
  const { resource, limits } = desk;
  if (keys) return keys.map((key) => keyOf(resource, key));
  const query = parseQuery(given, limits);
  const parameters = listArguments(resource, query);
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection: 'id' };
  const isUnlimited = (query.limit ?? limits.queryDefault) === -1 && !query.page;
  // One more than there may be tells that there are too many.
  const rows = isUnlimited ? { most: limits.batchMax + 1 } : undefined;
  const found = rowsOf(await desk.run(writeOperation('query', [call]), rows)).map(({ id }) => String(id));
  if (found.length > limits.batchMax) throw await tooMany(desk, query);
  return found;
}

async function tooMany(desk: Desk, query: Query): Promise<Error> {
  const { resource, limits } = desk;
  const most = `the ${limits.batchMax} that one write may change`;
  const counted = prepareList(resource, { ...query, limit: 0, meta: ['filter_count'] }, desk);
  const { meta } = counted.answer(await desk.run(counted.operation));
  return invalidPayload(`"query" finds ${meta?.['filter_count']} items, more than ${most}`);
}

/** @throws ServiceError `FORBIDDEN` when the caller may not see it, or it does not exist. */
async function requireExisting(desk: Desk, key: string): Promise<void> {
  const field = desk.resource.rootField(`${desk.resource.stem}_by_id`);
  const call = { alias: 'data', field, parameters: { id: key }, selection: 'id' };
  if (rowsOf(await desk.run(writeOperation('query', [call]))).length === 0) throw forbidden();
}

/** The arguments that can hide a single row: paging means nothing to it. */
function unpaged({ resource }: Desk, query: Query): JsonObject {
  const { filter, search, sort } = listArguments(resource, query);
  return { filter, search, sort };
}

function inputOf({ resource, role }: Desk, body: unknown, input: 'createInput' | 'updateInput') {
  return toGraphQLInput(body, resource[input], { collection: resource.collection, role });
}
