import { type GraphQLField, type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import type { FieldAccess } from '../../auth/rights.ts';
import type { Limits } from '../../config.ts';
import { forbiddenField, invalidQuery } from '../../errors.ts';
import { type DirectusField, directusFieldOf } from '../../schema/directus-extension.ts';
import { isObject, parseQuery, type Query } from './query.ts';

/** What to read for one key of a row. */
export type Entry =
  | { readonly kind: 'value'; readonly field: SchemaField }
  | { readonly kind: 'function'; readonly field: SchemaField; readonly name: string }
  | { readonly kind: 'relation'; readonly field: SchemaField; readonly type: GraphQLObjectType; readonly below: Query };

/** The reader's role and limits, and the position for errors: `path` is `root` or the relation path. */
export interface FieldScope {
  readonly role: FieldAccess;
  readonly limits: Limits;
  readonly path: string;
}

/** A field of the schema with its Directus extension. */
export interface SchemaField {
  readonly name: string;
  readonly graphql: GraphQLField<unknown, unknown>;
  readonly directus: DirectusField;
}

/**
 * Resolves wildcards, aliases and functions. Returns the keys of a row, in order, with the source of each value.
 * @throws ServiceError `FORBIDDEN` for a field that does not exist or this role may not read, `INVALID_QUERY` for a
 * function that the field does not have.
 */
export function entriesOf(type: GraphQLObjectType, query: Query, scope: FieldScope): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const alias = query.alias ?? {};
  const readable = (name: string): SchemaField | undefined => readableField(type, name, scope.role);
  const deny = (name: string): Error => forbiddenField(type.name, name, scope.path);

  function addValue(key: string, field: SchemaField): void {
    // If a path below the relation is also requested, the object replaces the plain key.
    if (entries.get(key)?.kind !== 'relation') entries.set(key, { kind: 'value', field });
  }

  function addBelow(key: string, field: SchemaField, rest: string): void {
    const relation = relationOf(type, field);
    const target = relation && getNamedType(relation.graphql.type);
    if (!isObjectType(target)) throw deny(`${field.name}.${rest}`);
    const present = entries.get(key);
    const below = present?.kind === 'relation' ? present.below : queryBelow(query, key, scope.limits);
    const fields = [...below.fields, rest];
    // Replacing the entry keeps the position at which the key was first requested.
    entries.set(key, { kind: 'relation', field: relation ?? field, type: target, below: { ...below, fields } });
  }

  function addNamed(name: string): void {
    const fieldName = aliased(alias, name);
    const call = /^(\w+)\((\w+)\)$/.exec(fieldName);
    const field = readable(call?.[2] ?? fieldName);
    if (field === undefined) throw deny(fieldName);
    if (call) entries.set(keyOfCall(name, fieldName), functionEntry(call[1] ?? '', field, type));
    else addValue(name, field);
  }

  function addStar(rest: string | undefined): void {
    const starred = starredFields(type, scope.role);
    const isExpanded = (field: SchemaField) => rest !== undefined && relationOf(type, field) !== undefined;
    for (const field of starred.filter(isExpanded)) addBelow(field.name, field, rest ?? '*');
    for (const field of starred.filter((each) => !isExpanded(each))) addValue(field.name, field);
    for (const key of Object.keys(alias)) addNamed(key);
  }

  for (const path of query.fields) {
    const dot = path.indexOf('.');
    const [head, rest] = dot === -1 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)];
    if (head === '*') addStar(rest);
    else if (rest === undefined) addNamed(head);
    else {
      const field = readable(aliased(alias, head));
      if (field === undefined) throw deny(head);
      addBelow(head, field, rest);
    }
  }
  return entries;
}

function readableField(type: GraphQLObjectType, name: string, role: FieldAccess): SchemaField | undefined {
  const fields = type.getFields();
  const graphql = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const directus = graphql && directusFieldOf(graphql);
  if (graphql === undefined || directus === undefined) return undefined;
  return directus.readableBy === 'admin' && role !== 'admin' ? undefined : { name, graphql, directus };
}

/** The relation of a field: the field itself, or for a plain key the sibling with the object; else undefined. */
function relationOf(type: GraphQLObjectType, field: SchemaField): SchemaField | undefined {
  const { kind, objectField } = field.directus;
  if (kind === 'relation') return field;
  const graphql = objectField === undefined ? undefined : type.getFields()[objectField];
  return graphql && { ...field, name: graphql.name, graphql };
}

function starredFields(type: GraphQLObjectType, role: FieldAccess): SchemaField[] {
  return Object.keys(type.getFields())
    .map((name) => readableField(type, name, role))
    .filter((field) => field !== undefined)
    .filter(({ directus }) => directus.star);
}

function aliased(alias: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(alias, name) ? alias[name] : undefined) ?? name;
}

/** The key of `year(timestamp)` is `timestamp_year`, unless an alias names it. */
function keyOfCall(name: string, call: string): string {
  return name === call ? call.replace(/^(\w+)\((\w+)\)$/, '$2_$1') : name;
}

function functionEntry(name: string, field: SchemaField, type: GraphQLObjectType): Entry {
  const sibling = field.directus.functionsField && type.getFields()[field.directus.functionsField];
  const functions = sibling && getNamedType(sibling.type);
  if (isObjectType(functions) && Object.hasOwn(functions.getFields(), name)) return { kind: 'function', field, name };
  throw invalidQuery(`"${name}" is not a function of the field "${field.name}"`);
}

/** The query for the relation under this key, from `deep`: keys with `_` are parameters, others nested relations. */
function queryBelow({ deep = {} }: Query, key: string, limits: Limits): Query {
  const given = (Object.hasOwn(deep, key) ? deep[key] : undefined) ?? {};
  if (!isObject(given)) throw invalidQuery('"deep" must hold an object for every relation');
  const isParameter = ([name]: [string, unknown]) => name.startsWith('_');
  const parameters = Object.entries(given).filter(isParameter);
  const relations = Object.entries(given).filter((entry) => !isParameter(entry));
  const query = parseQuery(Object.fromEntries(parameters.map(([name, value]) => [name.slice(1), value])), limits);
  const fields = Object.hasOwn(given, '_fields') ? query.fields : [];
  return { ...query, fields, deep: Object.fromEntries(relations) };
}
