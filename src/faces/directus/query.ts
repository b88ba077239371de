import { parse } from 'qs';
import type { Limits } from '../../config.ts';
import { invalidQuery } from '../../errors.ts';
import { refuseUnusableText } from './text.ts';

/** The parsed query parameters of a request. Their shape is checked here, the names in them later, with the schema. */
export interface Query {
  /** Never empty; `*` by default. */
  readonly fields: readonly string[];
  readonly filter?: unknown;
  readonly search?: string;
  readonly sort?: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
  readonly page?: number;
  readonly deep?: JsonObject;
  /** Response key → field. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Aggregate function → fields or `*`. */
  readonly aggregate?: Readonly<Record<string, readonly string[]>>;
  readonly groupBy?: readonly string[];
  readonly meta?: readonly MetaCount[];
  readonly export?: ExportFormat;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const metaCounts = ['total_count', 'filter_count'] as const;
export type MetaCount = (typeof metaCounts)[number];

export const exportFormats = ['csv', 'csv_utf8', 'json', 'xml', 'yaml'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The largest `Int` of GraphQL. Larger numbers are clamped: no collection has more rows. */
const maxInt = 2 ** 31 - 1;

/** Reads a query string in bracket notation: `filter[_or][0][id][_eq]=1`. Keys of `Object.prototype` are dropped. */
export function parseQueryString(text: string): Record<string, unknown> {
  return parse(text, { depth: 10, arrayLimit: 500 });
}

/**
 * Parses the parameters of a query string or of the `query` in a body; unknown ones are ignored.
 * @throws ServiceError `INVALID_QUERY` naming the parameter.
 */
export function parseQuery(given: JsonObject, limits: Limits): Query {
  const query: { -readonly [Name in keyof Query]: Query[Name] } = { fields: ['*'] };
  // Exports are read in batches, so the limit of one read does not apply.
  const bounds = given['export'] ? { ...limits, queryMax: undefined } : limits;
  for (const name of parameterNames) {
    const value = given[name];
    if (!Object.hasOwn(given, name) || value === undefined || value === null || value === '') continue;
    const parsed = parameters[name](value, name, bounds);
    // The type of `parameters` guarantees that each parser returns the type of its parameter.
    if (parsed !== undefined) Object.assign(query, { [name]: parsed });
  }
  return query;
}

type Parser<Value> = (value: unknown, name: string, limits: Limits) => Value | undefined;

const parameters: { readonly [Name in keyof Query]-?: Parser<Query[Name]> } = {
  fields: (value, name, limits) => nonEmpty(paths(value, name, limits)),
  filter: (value, name) => objectOrJson(value, name),
  search: (value, name) => {
    if (typeof value !== 'string' && typeof value !== 'number') throw invalidQuery(`"${name}" must be a string`);
    const text = String(value).trim();
    refuseUnusableText(text, name);
    return text === '' ? undefined : text;
  },
  sort: (value, name, limits) => nonEmpty(paths(value, name, limits)),
  limit: (value, name, { queryMax }) => {
    const limit = integer(value, name, -1);
    if (queryMax !== undefined && limit > queryMax) throw invalidQuery(`"${name}" must not exceed ${queryMax}`);
    return limit;
  },
  offset: (value, name) => integer(value, name, 0),
  page: (value, name) => integer(value, name, 0),
  deep: (value, name, { relationalDepth }) => {
    const deep = objectOrJson(value, name);
    if (isDeeperThan(relationalDepth, deep)) throw tooDeep(name, relationalDepth);
    if (isNestedBeyond(maxNesting, deep)) throw invalidQuery(`"${name}" is nested too deeply`);
    return deep;
  },
  alias: (value, name) => {
    const alias = objectOrJson(value, name);
    if (Object.keys(alias).length > fieldsMax) throw tooManyFields(name);
    for (const [key, field] of Object.entries(alias)) checkAlias(key, field);
    // The loop above checked that every value is a string.
    return alias as Record<string, string>;
  },
  aggregate: (value, name, limits) => {
    const operations = Object.entries(objectOrJson(value, name));
    return Object.fromEntries(operations.map(([operation, fields]) => [operation, paths(fields, name, limits)]));
  },
  groupBy: (value, name, limits) => nonEmpty(paths(value, name, limits)),
  meta: (value, name) => {
    const counts = texts(value, name);
    const unknown = counts.find((count) => count !== '*' && !isOneOf(metaCounts, count));
    if (unknown !== undefined) throw invalidQuery(`"${name}" must be * or some of ${metaCounts.join(', ')}`);
    return metaCounts.filter((count) => counts.includes('*') || counts.includes(count));
  },
  export: (value, name) => {
    if (isOneOf(exportFormats, value)) return value;
    throw invalidQuery(`"${name}" must be one of ${exportFormats.join(', ')}`);
  },
};

// Exactly the keys of `parameters`.
const parameterNames = Object.keys(parameters) as (keyof Query)[];

/** A JSON object, or the text of one. */
function objectOrJson(value: unknown, name: string): JsonObject {
  const parsed = typeof value === 'string' ? parseJson(value, name) : value;
  if (isObject(parsed)) return parsed;
  throw invalidQuery(`"${name}" must be an object`);
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidQuery(`"${name}" is not valid JSON`, error);
  }
}

/** Whether the value is a JSON object: not a list and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The trimmed, non-empty parts of a comma-separated text or of a list of them. */
function texts(value: unknown, name: string): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => {
    if (typeof item !== 'string') throw invalidQuery(`"${name}" must be a string or a list of strings`);
    refuseUnusableText(item, name);
    return item
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  });
}

function paths(value: unknown, name: string, { relationalDepth }: Limits): string[] {
  const found = texts(value, name);
  if (found.length > fieldsMax) throw tooManyFields(name);
  if (found.some((path) => path.split('.').length > relationalDepth)) throw tooDeep(name, relationalDepth);
  return found;
}

function nonEmpty(items: string[]): string[] | undefined {
  return items.length === 0 ? undefined : items;
}

function integer(value: unknown, name: string, least: number): number {
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (!Number.isInteger(number) || number < least)
    throw invalidQuery(`"${name}" must be an integer of at least ${least}`);
  return Math.min(number, maxInt);
}

/** Refuses dots, which separate paths, and a leading `__`, which GraphQL reserves (and `__proto__` in JavaScript). */
function checkAlias(key: string, field: unknown): asserts field is string {
  if (typeof field !== 'string') throw invalidQuery('"alias" must map every key to a field');
  if (key === '' || key.includes('.') || field.includes('.')) throw invalidQuery('"alias" must not contain "."');
  if (key.startsWith('__')) throw invalidQuery('"alias" must not start with "__"');
  refuseUnusableText(key, 'alias');
}

/** In `deep`, keys with `_` are parameters of a relation; every other key is a nested relation. */
function isDeeperThan(depth: number, deep: JsonObject): boolean {
  if (depth < 0) return true;
  return Object.entries(deep).some(
    ([key, value]) => !key.startsWith('_') && isObject(value) && isDeeperThan(depth - 1, value),
  );
}

/** Deepest nesting of `deep`: above the depth limit of filters, and low enough for recursive functions. */
const maxNesting = 200;

function isNestedBeyond(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isNestedBeyond(depth - 1, inner));
}

/** Maximum number of fields in one parameter, and in the whole selection. */
export const fieldsMax = 500;

export function tooManyFields(name: string): Error {
  return invalidQuery(`"${name}" may have at most ${fieldsMax} fields`);
}

function tooDeep(name: string, depth: number): Error {
  return invalidQuery(`"${name}" must not go deeper than ${depth} relations`);
}

function isOneOf<Item extends string>(items: readonly Item[], value: unknown): value is Item {
  return items.some((item) => item === value);
}
