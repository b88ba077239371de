import { getNamedType, isObjectType } from 'graphql';
import { forbidden } from '../../errors.ts';
import type { Operation } from '../../operations/operations.ts';
import type { Data, RowBound, Runner } from './caller.ts';
import { type Call, writeOperation } from './documents.ts';
import { allOf, toGraphQLFilter } from './filter.ts';
import type { GraphQLFilter } from './operand.ts';
import type { MetaCount, Query } from './query.ts';
import type { Column, Row } from './render.ts';
import type { Resource } from './resource.ts';
import type { ListParameter, Variable } from './selection.ts';
import { type Scope, shownOf } from './shown.ts';

/** What REST shows of an answer. */
export interface Answer {
  readonly data: unknown;
  readonly meta?: Readonly<Record<string, number>>;
}

/** A read that is ready to run, again and again: nothing in it depends on who asks but the role it was made for. */
export interface PreparedRead {
  readonly operation: Operation;
  /** @throws what `Operations.run` throws. */
  readonly run: (caller: Runner) => Promise<Answer>;
  /** The keys of a row; undefined where rows are groups, which show what was aggregated. */
  readonly columns: readonly Column[] | undefined;
}

/** An operation whose data is made an answer of; `answer` may change the data. */
function prepared<Answered>(operation: Operation, answer: (data: Data) => Answered) {
  return { operation, run: (caller: Runner, rows?: RowBound) => caller.run(operation, rows).then(answer) };
}

/** The arguments of a list as the schema takes them; undefined where nothing was asked for. */
export type ListArguments = {
  readonly [Name in Exclude<ListParameter, 'filter'>]: Query[Name] | undefined;
} & { readonly filter: GraphQLFilter | undefined };

/** @throws ServiceError for a filter that the schema has no words for. */
export function listArguments(resource: Resource, query: Query): ListArguments {
  const { sort, limit, offset, page, search } = query;
  const filter = query.filter === undefined ? undefined : toGraphQLFilter(query.filter, resource.filter);
  return { filter, sort, limit, offset, page, search };
}

/** The same for the rows with these keys only, if there are any. */
export function listParameters(resource: Resource, query: Query, keys?: readonly string[]): ListArguments {
  const asked = listArguments(resource, query);
  return keys ? chosenByKey(asked, keys) : asked;
}

/** Prepares a list, or the groups of an aggregation. @param keys only the rows with these keys. */
export function prepareList(resource: Resource, query: Query, scope: Scope, keys?: readonly string[]): PreparedRead {
  const asked = listArguments(resource, query);
  const parameters = listParameters(resource, query, keys);
  const counts = countCalls(resource, query, asked);
  const meta = (data: Data) => query.meta && { meta: metaOf(query.meta, data) };
  if (query.aggregate ?? query.groupBy) {
    const groups = groupsCall(resource, query, parameters);
    const operation = writeOperation('query', [groups.call, ...counts], groups.variables);
    const answer = (data: Data) => ({ data: rowsOf(data).map(({ row }) => row), ...meta(data) });
    return { ...prepared(operation, answer), columns: undefined };
  }
  const { text, variables, columns, render } = shownOf(resource, query, scope);
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection: text };
  const operation = writeOperation('query', [call, ...counts], variables);
  return { ...prepared(operation, (data) => ({ data: rowsOf(data).map(render), ...meta(data) })), columns };
}

/** A read of rows by whose keys somebody else goes, whatever the query shows of them. */
export interface KeyedRead {
  readonly operation: Operation;
  /** The rows by key, in the order of the list. */
  readonly run: (caller: Runner, rows?: RowBound) => Promise<KeyedRows>;
}

type KeyedRows = { readonly rows: ReadonlyMap<string, Row> } & Pick<Answer, 'meta'>;

/** Prepares a list as `prepareList` does, for a query that aggregates nothing. */
export function prepareKeyed(resource: Resource, query: Query, scope: Scope, keys?: readonly string[]): KeyedRead {
  const asked = listArguments(resource, query);
  const parameters = listParameters(resource, query, keys);
  const { text, variables, columns, render } = shownOf(resource, query, scope);
  let name = 'key';
  while (columns.some(({ alias }) => alias === name)) name = `${name}_`;
  const selection = `${name}: id ${text}`;
  const call = { alias: 'data', field: resource.rootField(resource.stem), parameters, selection };
  return prepared(writeOperation('query', [call, ...countCalls(resource, query, asked)], variables), (data) => {
    const keyed = rowsOf(data).map(({ [name]: key, ...row }) => [String(key), render(row)] as const);
    return { rows: new Map(keyed), ...(query.meta && { meta: metaOf(query.meta, data) }) };
  });
}

/** Prepares one row; its `run` throws `FORBIDDEN` when there is none, or the query's filter hides it. */
export function prepareItem(resource: Resource, query: Query, scope: Scope, key: string): PreparedRead {
  return isNarrowed(query)
    ? prepareRow(resource, query, scope, { field: resource.stem, parameters: narrowedToKey(resource, query, key) })
    : prepareRow(resource, query, scope, { field: `${resource.stem}_by_id`, parameters: { id: key } });
}

/** Prepares the caller's own row; paging and filters mean nothing to it. */
export function prepareOwn(resource: Resource, query: Query, scope: Scope): PreparedRead {
  return prepareRow(resource, query, scope, { field: `${resource.stem}_me`, parameters: {} });
}

function prepareRow(
  resource: Resource,
  query: Query,
  scope: Scope,
  { field, parameters }: { readonly field: string; readonly parameters: Call['parameters'] },
): PreparedRead {
  const { text, variables, columns, render } = shownOf(resource, query, scope);
  const call = { alias: 'data', field: resource.rootField(field), parameters, selection: text };
  const answer = (data: Data) => {
    const row = rowsOf(data)[0];
    if (row === undefined) throw forbidden();
    return { data: render(row) };
  };
  return { ...prepared(writeOperation('query', [call], variables), answer), columns };
}

/** Whether the query could hide a single row, or names fields that must be checked for one. */
export function isNarrowed({ filter, search, sort }: Query): boolean {
  return filter !== undefined || search !== undefined || sort !== undefined;
}

/** The rows of an answer; a single one counts as a list of it, and null as none. */
export function rowsOf({ data }: Data): Row[] {
  // The document asked for objects under this key.
  return [data].flat().filter((row) => row !== null && row !== undefined) as Row[];
}

/** Paging means nothing to a single row. */
function narrowedToKey(resource: Resource, query: Query, key: string): ListArguments {
  const paging = { limit: undefined, offset: undefined, page: undefined };
  return chosenByKey({ ...listArguments(resource, query), ...paging }, [key]);
}

/** All of those chosen by key are wanted, unless the caller says otherwise. No key is null, so no keys are no rows. */
function chosenByKey(asked: ListArguments, keys: readonly string[]): ListArguments {
  const condition = keys.length === 0 ? { id: { _null: true } } : { id: { _in: keys } };
  const filter = asked.filter ? allOf([asked.filter, condition]) : condition;
  return { ...asked, filter, limit: asked.limit ?? -1 };
}

/** The counts of `meta`: rows on other pages count as well, and for the total also those that do not match. */
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
  // The document asked for one group under each of these keys.
  const groups = (count: MetaCount) => data[count] as readonly { readonly countAll: number }[];
  return Object.fromEntries(counts.map((count) => [count, groups(count)[0]?.countAll ?? 0]));
}

/** The groups of an aggregation, each as the schema shapes it for REST. */
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
