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
  /** What its operations are named for: `notifications` in `create_notifications_item`. */
  readonly stem: string;
  /** The name on the wire, `directus_notifications`. */
  readonly collection: string;
  readonly type: GraphQLObjectType;
  readonly filter: GraphQLInputObjectType;
  readonly createInput: GraphQLInputObjectType;
  readonly updateInput: GraphQLInputObjectType;
  /** Keys are integers, spelled as numbers; otherwise they are text. */
  readonly hasIntegerKeys: boolean;
  /** A query or mutation of the schema; throws when there is none of that name. */
  readonly rootField: (name: string) => RootField;
}

/** Reads from the schema what the routes of a collection need to know; throws when the schema does not have it. */
export function describeResource(schema: GraphQLSchema, stem: string): Resource {
  const queries = schema.getQueryType()?.getFields() ?? {};
  const mutations = schema.getMutationType()?.getFields() ?? {};
  const fields = (name: string) => {
    const field = queries[name] ?? mutations[name];
    if (field === undefined) throw new Error(`The schema has no "${name}".`);
    return field;
  };
  const list = fields(stem);
  const type = getNamedType(list.type);
  if (!isObjectType(type)) throw new Error(`The schema's "${stem}" lists no objects.`);
  const id = type.getFields()['id'];
  return {
    stem,
    collection: type.name,
    type,
    filter: inputOf(list, 'filter'),
    createInput: inputOf(fields(`create_${stem}_item`), 'data'),
    updateInput: inputOf(fields(`update_${stem}_item`), 'data'),
    rootField: fields,
    hasIntegerKeys: id !== undefined && directusFieldOf(id)?.kind === 'id',
  };
}

/**
 * A key as the schema takes it: where keys are whole numbers, `1.0` is 1.
 * @throws ServiceError `FORBIDDEN`, as for any other key that does not exist.
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
  throw new Error(`The argument "${name}" of "${field.name}" is no input object.`);
}
