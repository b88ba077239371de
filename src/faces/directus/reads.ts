import { getNamedType, isObjectType } from 'graphql';
import { forbidden } from '../../errors.ts';
import type { Operation } from '../../operations/operations.ts';
import type { Data, RowBound, Runner } from './caller.ts';
import { type Call, writeOperation } from './documents.ts';
import type { MetaCount, Query } from './query.ts';
import type { Column, Row } from './render.ts';
import { renderedSelectionOf, type Scope } from './rendered-selection.ts';
import type { Resource } from './resource.ts';
import type { ListParameter, Variable } from './selection.ts';
import { allOf, toGraphQLFilter } from './to-graphql-filter.ts';
import type { GraphQLFilter } from './to-graphql-operand.ts';

/** The body of a REST response. */
export interface Answer {
  readonly data: unknown;
  readonly meta?: Readonly<Record<string, number>>;
}

/** A read that can be run repeatedly, for all viewers with the same role. */
export interface PreparedRead {
  readonly operation: Operation;
  /** @throws what `Operations.run` throws. */
  readonly run: (caller: Runner) => Promise<Answer>;
  /** The columns of the rows; undefined for groups, whose keys are the aggregates. */
  readonly columns: readonly Column[] | undefined;
}

/** An operation with a function that turns its data into an answer; `answer` may modify the data. */
function prepared<Answered>(operation: Operation, answer: (data: Data) => Answered) {
  return { operation, run: (caller: Runner, rows?: RowBound) => caller.run(operation, rows).then(answer) };
}

/** The arguments of a list in the schema; undefined for missing parameters. */
export type ListArguments = {
  readonly [Name in Exclude<ListParameter, 'filter'>]: Query[Name] | undefined;
} & { readonly filter: GraphQLFilter | undefined };

/** @throws ServiceError for an invalid filter. */
export function listArguments(resource: Resource, query: Query): ListArguments {
  const { sort, limit, offset, page, search } = query;
  const filter = query.filter === undefined ? undefined : toGraphQLFilter(query.filter, resource.filter);
  return { filter, sort, limit, offset, page, search };
}

/** As `listArguments`, restricted to the rows with these keys if keys are given. */
export function listParameters(resource: Resource, query: Query, keys?: readonly string[]): ListArguments {
  const args = listArguments(resource, query);
  return keys ? restrictedToKeys(args, keys) : args;
}

/** Prepares a list, or the groups of an aggregation. @param keys only the rows with these keys. */
export function prepareList(resource: Resource, query: Query, scope: Scope, keys?: readonly string[]): PreparedRead {
  const args = listArguments(resource, query);
  const parameters = listParameters(resource, query, keys);
  const counts = countCalls(resource, query, args);
  const meta = (data: Data) => query.meta && { meta: metaOf(query.meta, data) };
  if (query.aggregate ?? query.groupBy) {
    const groups = groupsCall(resource, query, parameters);
    const operation = writeOperation('query', [groups.call, ...counts], groups.variables);
    const answer = (data: Data) => ({ data: rowsOf(data).map(({ row }) => row), ...meta(data) });
    return { ...prepared(operation, answer), columns: undefined };
  }
  const { text, variables, columns, render } = renderedSelectionOf(resource, query, scope);
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection: text };
  const operation = writeOperation('query', [call, ...counts], variables);
  return { ...prepared(operation, (data) => ({ data: rowsOf(data).map(render), ...meta(data) })), columns };
}

/** A read that returns rows by key, whether or not the query selects the key. */
export interface KeyedRead {
  readonly operation: Operation;
  /** The rows by key, in the order of the list. */
  readonly run: (caller: Runner, rows?: RowBound) => Promise<KeyedRows>;
}

type KeyedRows = { readonly rows: ReadonlyMap<string, Row> } & Pick<Answer, 'meta'>;

/** Prepares a list as `prepareList` does, for a query without aggregation. */
export function prepareKeyed(resource: Resource, query: Query, scope: Scope, keys?: readonly string[]): KeyedRead {
  const args = listArguments(resource, query);
  const parameters = listParameters(resource, query, keys);
  const { text, variables, columns, render } = renderedSelectionOf(resource, query, scope);
  let name = 'key';
  while (columns.some(({ alias }) => alias === name)) name = `${name}_`;
  const selection = `${name}: id ${text}`;
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection };
  return prepared(writeOperation('query', [call, ...countCalls(resource, query, args)], variables), (data) => {
    const keyed = rowsOf(data).map(({ [name]: key, ...row }) => [String(key), render(row)] as const);
    return { rows: new Map(keyed), ...(query.meta && { meta: metaOf(query.meta, data) }) };
  });
}

/** Prepares one row; `run` throws `FORBIDDEN` if it does not exist or the query's filter excludes it. */
export function prepareItem(resource: Resource, query: Query, scope: Scope, key: string): PreparedRead {
  return isNarrowed(query)
    ? prepareRow(resource, query, scope, { field: resource.stem, parameters: narrowedToKey(resource, query, key) })
    : prepareRow(resource, query, scope, { field: `${resource.stem}_by_id`, parameters: { id: key } });
}

/** Prepares the viewer's own row; paging and filters are ignored. */
export function prepareOwn(resource: Resource, query: Query, scope: Scope): PreparedRead {
  return prepareRow(resource, query, scope, { field: `${resource.stem}_me`, parameters: {} });
}

function prepareRow(
  resource: Resource,
  query: Query,
  scope: Scope,
  { field, parameters }: { readonly field: string; readonly parameters: Call['parameters'] },
): PreparedRead {
  const { text, variables, columns, render } = renderedSelectionOf(resource, query, scope);
  const call = { alias: 'data', field: resource.rootField(field), parameters, selection: text };
  const answer = (data: Data) => {
    const row = rowsOf(data)[0];
    if (row === undefined) throw forbidden();
    return { data: render(row) };
  };
  return { ...prepared(writeOperation('query', [call], variables), answer), columns };
}

/** Whether the query may exclude a single row, or has fields in `sort` that must be checked. */
export function isNarrowed({ filter, search, sort }: Query): boolean {
  return filter !== undefined || search !== undefined || sort !== undefined;
}

/** The rows of a result as a list; a single row becomes a list of one, and null an empty list. */
export function rowsOf({ data }: Data): Row[] {
  // The document selects objects under this key.
  return [data].flat().filter((row) => row !== null && row !== undefined) as Row[];
}

/** The arguments for a single row, without paging. */
function narrowedToKey(resource: Resource, query: Query, key: string): ListArguments {
  const paging = { limit: undefined, offset: undefined, page: undefined };
  return restrictedToKeys({ ...listArguments(resource, query), ...paging }, [key]);
}

/** Restricts a list to keys, without a limit by default. Without keys, `id` is null, which matches no rows. */
function restrictedToKeys(args: ListArguments, keys: readonly string[]): ListArguments {
  const condition = keys.length === 0 ? { id: { _null: true } } : { id: { _in: keys } };
  const filter = args.filter ? allOf([args.filter, condition]) : condition;
  return { ...args, filter, limit: args.limit ?? -1 };
}

/** The calls for the counts of `meta`: `filter_count` ignores paging, `total_count` also the filter. */
function countCalls(resource: Resource, { meta = [] }: Query, { filter, search }: ListArguments): Call[] {
  if (meta.length === 0) return [];
  const field = resource.rootField(`${resource.stem}_aggregated`);
  return meta.map((count) => ({
    alias: count,
    field,
    parameters: count === 'filter_count' ? { filter, search } : {},
    selection: 'countAll',
  }));
}

function metaOf(counts: readonly MetaCount[], data: Data): Readonly<Record<string, number>> {
  // The document selects one group under each of these keys.
  const groups = (count: MetaCount) => data[count] as readonly { readonly countAll: number }[];
  return Object.fromEntries(counts.map((count) => [count, groups(count)[0]?.countAll ?? 0]));
}

/** The call for the groups of an aggregation, in the REST format that the schema's `row` field returns. */
function groupsCall(resource: Resource, query: Query, parameters: ListArguments) {
  const field = resource.rootField(`${resource.stem}_aggregated`);
  const type = getNamedType(field.type);
  const argument = isObjectType(type) ? type.getFields()['row']?.args[0] : undefined;
  if (argument === undefined) throw new Error(`The schema's "${field.name}" has no "row".`);
  const variable: Variable = { name: argument.name, type: argument.type, value: query.aggregate ?? {} };
  const selection = `row(${argument.name}: $${variable.name})`;
  return {
    call: { alias: 'data', field, parameters: { ...parameters, groupBy: query.groupBy }, selection },
    variables: [variable],
  };
}
