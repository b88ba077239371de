import { type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql';
import { checkFilterDepth } from '../../checks.ts';
import { forbiddenField, invalidQuery } from '../../errors.ts';
import { type GraphQLFilter, itemsOf, operandOf } from './operand.ts';
import { isObject } from './query.ts';

/** Where in a filter we are. */
interface Place {
  /** The collection's name on the wire, for errors. */
  readonly collection: string;
  /** `root`, or the relation path. */
  readonly path: string;
  readonly depth: number;
}

/**
 * Spells a REST filter the way the schema's filter input of that type does: implicit `_eq`, a function key such as
 * `year(timestamp)`, operators on a relation, logic below a field and values given as text all become plain GraphQL.
 * Undefined when there is no condition.
 * @throws ServiceError `FORBIDDEN` for an unknown field, `INVALID_QUERY` for an unknown operator or a faulty value.
 */
export function toGraphQLFilter(filter: unknown, type: GraphQLInputObjectType): GraphQLFilter | undefined {
  const converted = conditions(filter, type, { collection: collectionOf(type), path: 'root', depth: 0 });
  return isEmpty(converted) ? undefined : converted;
}

/** One filter that holds when all of them do: their conditions stand side by side unless two of them collide. */
export function allOf(parts: readonly GraphQLFilter[]): GraphQLFilter {
  const merged: Record<string, unknown> = {};
  const colliding: GraphQLFilter[] = [];
  for (const part of parts) {
    const entries = Object.entries(part);
    if (entries.every(([key, value]) => canStandBeside(merged[key], value))) {
      for (const [key, value] of entries)
        merged[key] = isObject(value) ? { ...asObject(merged[key]), ...value } : value;
    } else colliding.push(part);
  }
  return colliding.length === 0 ? merged : { _and: [merged, ...colliding] };
}

function conditions(filter: unknown, type: GraphQLInputObjectType, place: Place): GraphQLFilter {
  if (!isObject(filter)) throw invalidQuery('"filter" must be an object');
  return allOf(Object.entries(filter).map(([key, value]) => condition(key, value, type, place)));
}

function condition(key: string, value: unknown, type: GraphQLInputObjectType, place: Place): GraphQLFilter {
  if (isLogic(key)) return logic(key, value, place, (part, inner) => conditions(part, type, inner));
  if (key.startsWith('_')) throw invalidQuery(`"${key}" is not a filter key of "${place.collection}"`);
  const call = /^(\w+)\((.*)\)$/.exec(key);
  if (call) return functionCondition({ name: call[1] ?? '', field: call[2] ?? '' }, value, type, place);
  const fieldType = inputTypeOf(type, key);
  if (fieldType === undefined || kindOf(fieldType) === 'functions') throw unknownField(key, place);
  return fieldCondition(key, value, fieldType, place);
}

/** The conditions on one field or relation: `{ subject: { _contains: "x" } }`, `{ id: 1 }`, `{ sender: { email: … } }`. */
function fieldCondition(key: string, value: unknown, type: GraphQLInputObjectType, place: Place): GraphQLFilter {
  const given = isObject(value) ? value : { _eq: value };
  const isRelation = kindOf(type) === 'relation';
  const below = isRelation ? { ...deeper(place), ...target(key, type, place) } : place;
  return allOf(
    Object.entries(given).map(([inner, operand]) => {
      // Logic below a field says the same as that logic around the field, which is how the schema spells it.
      if (isLogic(inner)) {
        return logic(inner, operand, place, (part, deep) => fieldCondition(key, part, type, deep));
      }
      if (!isRelation) return under(key, operandOf({ field: key, type, operator: inner }, operand));
      // A relation that is compared itself stands for the key of what it points at.
      const isCompared = inner.startsWith('_');
      return under(key, condition(isCompared ? 'id' : inner, isCompared ? { [inner]: operand } : operand, type, below));
    }),
  );
}

/** `year(timestamp)`: the schema keeps the functions of a field in a sibling, `timestamp_func`. */
function functionCondition(
  call: { readonly name: string; readonly field: string },
  value: unknown,
  type: GraphQLInputObjectType,
  place: Place,
): GraphQLFilter {
  if (inputTypeOf(type, call.field) === undefined) throw unknownField(call.field, place);
  const sibling = `${call.field}_func`;
  const functions = inputTypeOf(type, sibling);
  const operators = functions && inputTypeOf(functions, call.name);
  if (operators === undefined) throw invalidQuery(`"${call.name}" is not a function of the field "${call.field}"`);
  return insideLogic(fieldCondition(call.name, value, operators, place), (part) => under(sibling, part));
}

function isLogic(key: string): key is '_and' | '_or' {
  return key === '_and' || key === '_or';
}

/** An empty list says nothing; an empty part holds for every row, so it decides an `_or` and is idle in an `_and`. */
function logic(
  key: '_and' | '_or',
  value: unknown,
  place: Place,
  convert: (part: unknown, place: Place) => GraphQLFilter,
): GraphQLFilter {
  const given = itemsOf(value);
  if (given === undefined) throw invalidQuery(`"${key}" must be a list`);
  const inner = deeper(place);
  const parts = given.map((part) => convert(part, inner));
  const telling = parts.filter((part) => !isEmpty(part));
  if (telling.length === 0 || (key === '_or' && telling.length < parts.length)) return {};
  return { [key]: telling };
}

/** Wraps the conditions of a filter, leaving the logic around them where it is. */
function insideLogic(filter: GraphQLFilter, wrap: (part: GraphQLFilter) => GraphQLFilter): GraphQLFilter {
  return allOf(
    Object.entries(filter).map(([key, value]) => {
      if (!isLogic(key)) return wrap({ [key]: value });
      // Converted logic holds a list of converted filters.
      return { [key]: (value as GraphQLFilter[]).map((part) => insideLogic(part, wrap)) };
    }),
  );
}

function canStandBeside(present: unknown, value: unknown): boolean {
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

function deeper(place: Place): Place {
  checkFilterDepth(place.depth + 1);
  return { ...place, depth: place.depth + 1 };
}

function target(key: string, type: GraphQLInputObjectType, { path }: Place): Pick<Place, 'collection' | 'path'> {
  return { collection: collectionOf(type), path: path === 'root' ? key : `${path}.${key}` };
}

function unknownField(field: string, { collection, path }: Place): Error {
  return forbiddenField(collection, field, path);
}

/** Filter inputs are named for the collection they filter. */
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

/** What the fields of an input are: operators on a value, conditions on a collection, or the functions of a field. */
function kindOf(type: GraphQLInputObjectType): 'operators' | 'relation' | 'functions' {
  const known = kinds.get(type);
  if (known) return known;
  const names = Object.keys(type.getFields());
  const kind = names.includes('_and')
    ? 'relation'
    : names.every((name) => name.startsWith('_'))
      ? 'operators'
      : 'functions';
  kinds.set(type, kind);
  return kind;
}
