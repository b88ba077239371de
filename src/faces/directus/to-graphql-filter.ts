import { type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql';
import { checkFilterDepth } from '../../checks.ts';
import { forbiddenField, invalidQuery } from '../../errors.ts';
import { isObject } from './query.ts';
import { type GraphQLFilter, itemsOf, operandOf } from './to-graphql-operand.ts';

/** A position in a filter. */
interface Position {
  /** The collection's name in the API, for errors. */
  readonly collection: string;
  /** `root`, or the relation path. */
  readonly path: string;
  readonly depth: number;
}

/**
 * Converts a REST filter to the schema's filter input. It normalizes implicit `_eq`, function keys such as
 * `year(timestamp)`, operators on a relation, logic below a field, and values given as text. Undefined if there is no
 * condition.
 * @throws ServiceError `FORBIDDEN` for an unknown field, `INVALID_QUERY` for an unknown operator or an invalid value.
 */
export function toGraphQLFilter(filter: unknown, type: GraphQLInputObjectType): GraphQLFilter | undefined {
  const converted = conditions(filter, type, { collection: collectionOf(type), path: 'root', depth: 0 });
  return isEmpty(converted) ? undefined : converted;
}

/** Combines filters with AND: their conditions are merged into one object, unless two have the same key. */
export function allOf(parts: readonly GraphQLFilter[]): GraphQLFilter {
  const merged: Record<string, unknown> = {};
  const colliding: GraphQLFilter[] = [];
  for (const part of parts) {
    const entries = Object.entries(part);
    if (entries.every(([key, value]) => canMerge(merged[key], value))) {
      for (const [key, value] of entries)
        merged[key] = isObject(value) ? { ...asObject(merged[key]), ...value } : value;
    } else colliding.push(part);
  }
  return colliding.length === 0 ? merged : { _and: [merged, ...colliding] };
}

function conditions(filter: unknown, type: GraphQLInputObjectType, position: Position): GraphQLFilter {
  if (!isObject(filter)) throw invalidQuery('"filter" must be an object');
  return allOf(Object.entries(filter).map(([key, value]) => condition(key, value, type, position)));
}

function condition(key: string, value: unknown, type: GraphQLInputObjectType, position: Position): GraphQLFilter {
  if (isLogic(key)) return logic(key, value, position, (part, inner) => conditions(part, type, inner));
  if (key.startsWith('_')) throw invalidQuery(`"${key}" is not a filter key of "${position.collection}"`);
  const call = /^(\w+)\((.*)\)$/.exec(key);
  if (call) return functionCondition({ name: call[1] ?? '', field: call[2] ?? '' }, value, type, position);
  const fieldType = inputTypeOf(type, key);
  if (fieldType === undefined || kindOf(fieldType) === 'functions') throw unknownField(key, position);
  return fieldCondition(key, value, fieldType, position);
}

/** The conditions on one field or relation: `{ subject: { _contains: "x" } }`, `{ id: 1 }`, `{ sender: { email } }`. */
function fieldCondition(key: string, value: unknown, type: GraphQLInputObjectType, position: Position): GraphQLFilter {
  const given = isObject(value) ? value : { _eq: value };
  const isRelation = kindOf(type) === 'relation';
  const below = isRelation ? { ...deeper(position), ...target(key, type, position) } : position;
  return allOf(
    Object.entries(given).map(([inner, operand]) => {
      // Logic below a field equals the same logic around the field, the only form that the schema has.
      if (isLogic(inner)) {
        return logic(inner, operand, position, (part, deep) => fieldCondition(key, part, type, deep));
      }
      if (!isRelation) return under(key, operandOf({ field: key, type, operator: inner }, operand));
      // An operator directly on a relation compares its key.
      const isCompared = inner.startsWith('_');
      return under(key, condition(isCompared ? 'id' : inner, isCompared ? { [inner]: operand } : operand, type, below));
    }),
  );
}

/** `year(timestamp)`: the schema has the functions of a field in a sibling field, `timestamp_func`. */
function functionCondition(
  call: { readonly name: string; readonly field: string },
  value: unknown,
  type: GraphQLInputObjectType,
  position: Position,
): GraphQLFilter {
  if (inputTypeOf(type, call.field) === undefined) throw unknownField(call.field, position);
  const sibling = `${call.field}_func`;
  const functions = inputTypeOf(type, sibling);
  const operators = functions && inputTypeOf(functions, call.name);
  if (operators === undefined) throw invalidQuery(`"${call.name}" is not a function of the field "${call.field}"`);
  return insideLogic(fieldCondition(call.name, value, operators, position), (part) => under(sibling, part));
}

function isLogic(key: string): key is '_and' | '_or' {
  return key === '_and' || key === '_or';
}

/** An empty list is no condition. An empty part matches every row: it is dropped from `_and`, and makes `_or` true. */
function logic(
  key: '_and' | '_or',
  value: unknown,
  position: Position,
  convert: (part: unknown, position: Position) => GraphQLFilter,
): GraphQLFilter {
  const given = itemsOf(value);
  if (given === undefined) throw invalidQuery(`"${key}" must be a list`);
  const inner = deeper(position);
  const parts = given.map((part) => convert(part, inner));
  const nonEmpty = parts.filter((part) => !isEmpty(part));
  if (nonEmpty.length === 0 || (key === '_or' && nonEmpty.length < parts.length)) return {};
  return { [key]: nonEmpty };
}

/** Wraps the conditions of a filter inside its `_and` and `_or`. */
function insideLogic(filter: GraphQLFilter, wrap: (part: GraphQLFilter) => GraphQLFilter): GraphQLFilter {
  return allOf(
    Object.entries(filter).map(([key, value]) => {
      if (!isLogic(key)) return wrap({ [key]: value });
      // Converted logic holds a list of converted filters.
      return { [key]: (value as GraphQLFilter[]).map((part) => insideLogic(part, wrap)) };
    }),
  );
}

function canMerge(present: unknown, value: unknown): boolean {
  if (present === undefined) return true;
  return isObject(present) && isObject(value) && Object.keys(value).every((key) => !Object.hasOwn(present, key));
}

function asObject(value: unknown): object {
  return isObject(value) ? value : {};
}

function under(key: string, part: GraphQLFilter): GraphQLFilter {
  return isEmpty(part) ? {} : { [key]: part };
}

function isEmpty(filter: GraphQLFilter): boolean {
  return Object.keys(filter).length === 0;
}

function deeper(position: Position): Position {
  checkFilterDepth(position.depth + 1);
  return { ...position, depth: position.depth + 1 };
}

function target(key: string, type: GraphQLInputObjectType, { path }: Position): Pick<Position, 'collection' | 'path'> {
  return { collection: collectionOf(type), path: path === 'root' ? key : `${path}.${key}` };
}

function unknownField(field: string, { collection, path }: Position): Error {
  return forbiddenField(collection, field, path);
}

/** The collection of a filter input, from its name. */
function collectionOf(type: GraphQLInputObjectType): string {
  return type.name.replace(/_filter$/, '');
}

function inputTypeOf(type: GraphQLInputObjectType, key: string): GraphQLInputObjectType | undefined {
  const fields = type.getFields();
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  const fieldType = field && getNamedType(field.type);
  return isInputObjectType(fieldType) ? fieldType : undefined;
}

const kinds = new WeakMap<GraphQLInputObjectType, 'operators' | 'relation' | 'functions'>();

/** What an input contains: operators on a value, conditions on a relation, or functions of a field. */
function kindOf(type: GraphQLInputObjectType): 'operators' | 'relation' | 'functions' {
  const cached = kinds.get(type);
  if (cached) return cached;
  const names = Object.keys(type.getFields());
  const kind = names.includes('_and')
    ? 'relation'
    : names.every((name) => name.startsWith('_'))
      ? 'operators'
      : 'functions';
  kinds.set(type, kind);
  return kind;
}
