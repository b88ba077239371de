import { type GraphQLField, type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import type { Role } from '../../auth/viewer.ts';
import type { Limits } from '../../config.ts';
import { forbiddenField, invalidQuery } from '../../errors.ts';
import { type DirectusField, directusFieldOf } from '../../schema/directus-extension.ts';
import { isObject, parseQuery, type Query } from './query.ts';

/** What is shown under one key. */
export type Entry =
  | { readonly kind: 'value'; readonly field: KnownField }
  | { readonly kind: 'function'; readonly field: KnownField; readonly name: string }
  | { readonly kind: 'relation'; readonly field: KnownField; readonly type: GraphQLObjectType; readonly below: Query };

/** For whom fields are opened, and where: `path` is `root` or the relation path, for errors. */
export interface FieldScope {
  readonly role: Role;
  readonly limits: Limits;
  readonly path: string;
}

/** A field of the schema together with its Directus side. */
export interface KnownField {
  readonly name: string;
  readonly graphql: GraphQLField<unknown, unknown>;
  readonly directus: DirectusField;
}

/**
 * Opens wildcards, aliases and functions: which keys to show, in which order, and what each is made of.
 * @throws ServiceError `FORBIDDEN` for a field that does not exist or is not for this role, `INVALID_QUERY` for a
 * function that does not fit.
 */
export function entriesOf(type: GraphQLObjectType, query: Query, scope: FieldScope): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const alias = query.alias ?? {};
  const readable = (name: string): KnownField | undefined => readableField(type, name, scope.role);
  const deny = (name: string): Error => forbiddenField(type.name, name, scope.path);

  function addValue(key: string, field: KnownField): void {
    // Whoever asks for a part of a relation gets the object, even when the plain key was asked for as well.
    if (entries.get(key)?.kind !== 'relation') entries.set(key, { kind: 'value', field });
  }

  function addBelow(key: string, field: KnownField, rest: string): void {
    const relation = relationOf(type, field);
    const target = relation && getNamedType(relation.graphql.type);
    if (!isObjectType(target)) throw deny(`${field.name}.${rest}`);
    const present = entries.get(key);
    const below = present?.kind === 'relation' ? present.below : queryBelow(query, key, scope.limits);
    const fields = [...below.fields, rest];
    // Replaced in place, so the key keeps the place at which it was first asked for.
    entries.set(key, { kind: 'relation', field: relation ?? field, type: target, below: { ...below, fields } });
  }

  function addNamed(name: string): void {
    const meant = aliased(alias, name);
    const call = /^(\w+)\((\w+)\)$/.exec(meant);
    const field = readable(call?.[2] ?? meant);
    if (field === undefined) throw deny(meant);
    if (call) entries.set(keyOfCall(name, meant), functionEntry(call[1] ?? '', field, type));
    else addValue(name, field);
  }

  function addStar(rest: string | undefined): void {
    const starred = starredFields(type, scope.role);
    const isOpened = (field: KnownField) => rest !== undefined && relationOf(type, field) !== undefined;
    for (const field of starred.filter(isOpened)) addBelow(field.name, field, rest ?? '*');
    for (const field of starred.filter((each) => !isOpened(each))) addValue(field.name, field);
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

function readableField(type: GraphQLObjectType, name: string, role: Role): KnownField | undefined {
  const fields = type.getFields();
  const graphql = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const directus = graphql && directusFieldOf(graphql);
  if (graphql === undefined || directus === undefined) return undefined;
  return directus.readableBy === 'admin' && role !== 'admin' ? undefined : { name, graphql, directus };
}

/** The field that holds what the field points at: itself, or the sibling of a plain key; undefined when it is none. */
function relationOf(type: GraphQLObjectType, field: KnownField): KnownField | undefined {
  const { kind, objectField } = field.directus;
  if (kind === 'relation') return field;
  const graphql = objectField === undefined ? undefined : type.getFields()[objectField];
  return graphql && { ...field, name: graphql.name, graphql };
}

function starredFields(type: GraphQLObjectType, role: Role): KnownField[] {
  return Object.keys(type.getFields())
    .map((name) => readableField(type, name, role))
    .filter((field) => field !== undefined)
    .filter(({ directus }) => directus.star);
}

function aliased(alias: Readonly<Record<string, string>>, name: string): string {
  return (Object.hasOwn(alias, name) ? alias[name] : undefined) ?? name;
}

/** `year(timestamp)` is shown as `timestamp_year`, unless an alias gave it a key. */
function keyOfCall(name: string, call: string): string {
  return name === call ? call.replace(/^(\w+)\((\w+)\)$/, '$2_$1') : name;
}

function functionEntry(name: string, field: KnownField, type: GraphQLObjectType): Entry {
  const sibling = field.directus.functionsField && type.getFields()[field.directus.functionsField];
  const functions = sibling && getNamedType(sibling.type);
  if (isObjectType(functions) && Object.hasOwn(functions.getFields(), name)) return { kind: 'function', field, name };
  throw invalidQuery(`"${name}" is not a function of the field "${field.name}"`);
}

/** What `deep` says of the relation shown under that key: its parameters start with `_`, the rest is deeper still. */
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
