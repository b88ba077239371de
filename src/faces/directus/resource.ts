import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { forbidden } from '../../errors.ts';
import { directusFieldOf } from '../../schema/directus-extension.ts';
import { parseWholeNumber } from '../../values.ts';

/** A field of `Query` or `Mutation`. */
export type RootField = GraphQLField<unknown, unknown>;

/** A collection with REST routes, as the schema describes it. */
export interface Resource {
  /** The noun in the names of its operations: `notifications` in `create_notifications_item`. */
  readonly stem: string;
  /** The name in the API: `directus_notifications`. */
  readonly collection: string;
  readonly type: GraphQLObjectType;
  readonly filter: GraphQLInputObjectType;
  readonly createInput: GraphQLInputObjectType;
  readonly updateInput: GraphQLInputObjectType;
  /** Whether keys are integers; otherwise they are text. */
  readonly hasIntegerKeys: boolean;
  /** A query or mutation of the schema. @throws Error if there is none of that name. */
  readonly rootField: (name: string) => RootField;
}

/** Reads from the schema what the routes of a collection need. @throws Error if the schema lacks a part of it. */
export function describeResource(schema: GraphQLSchema, stem: string): Resource {
  const queries = schema.getQueryType()?.getFields() ?? {};
  const mutations = schema.getMutationType()?.getFields() ?? {};
  const rootField = (name: string) => {
    const field = queries[name] ?? mutations[name];
    if (field === undefined) throw new Error(`The schema has no "${name}".`);
    return field;
  };
  const list = rootField(stem);
  const type = getNamedType(list.type);
  if (!isObjectType(type)) throw new Error(`The schema's "${stem}" is not a list of objects.`);
  const id = type.getFields()['id'];
  return {
    stem,
    collection: type.name,
    type,
    filter: inputOf(list, 'filter'),
    createInput: inputOf(rootField(`create_${stem}_item`), 'data'),
    updateInput: inputOf(rootField(`update_${stem}_item`), 'data'),
    rootField,
    hasIntegerKeys: id !== undefined && directusFieldOf(id)?.kind === 'id',
  };
}

/**
 * Normalizes a key for the schema: for integer keys `1.0` becomes `1`.
 * @throws ServiceError `FORBIDDEN` for an invalid key, as for one that does not exist.
 */
export function keyOf({ hasIntegerKeys }: Resource, given: string | number): string {
  if (!hasIntegerKeys) return String(given);
  const number = parseWholeNumber(given);
  if (number === null || !Number.isSafeInteger(number)) throw forbidden();
  return String(number);
}

function inputOf(field: RootField, name: string): GraphQLInputObjectType {
  const argument = field.args.find((each) => each.name === name);
  const type = argument && getNamedType(argument.type);
  if (isInputObjectType(type)) return type;
  throw new Error(`The argument "${name}" of "${field.name}" is not an input object.`);
}
