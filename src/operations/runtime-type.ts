import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
} from 'graphql';

/** A value of an abstract type, and its position. */
export interface AbstractValue {
  readonly type: GraphQLAbstractType;
  readonly value: unknown;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/**
 * Calls `complete` with the object type of a value whose field has an abstract type. Takes as many microtasks as
 * graphql-js, so that fields complete in the same order.
 * @throws GraphQLError with the message of graphql-js when the type is not a possible type.
 */
export function withRuntimeType(abstractValue: AbstractValue, complete: (type: GraphQLObjectType) => unknown): unknown {
  const { type, value, context, info } = abstractValue;
  const resolve = type.resolveType ?? defaultTypeResolver;
  const name: unknown = resolve(value, context, info, type);
  return name instanceof Promise
    ? name.then((resolved) => complete(checked(abstractValue, resolved)))
    : complete(checked(abstractValue, name));
}

function checked({ type, info }: AbstractValue, name: unknown): GraphQLObjectType {
  const nodes = info.fieldNodes;
  const fieldName = `${info.parentType.name}.${info.fieldName}`;
  if (name === null || name === undefined) {
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${fieldName}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (typeof name !== 'string') throw new Error(`The type of "${type.name}" was resolved to no name.`);
  const found = info.schema.getType(name);
  if (!found) {
    throw new GraphQLError(
      `Abstract type "${type.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  if (!isObjectType(found)) {
    throw new GraphQLError(`Abstract type "${type.name}" was resolved to a non-object type "${name}".`, { nodes });
  }
  if (!info.schema.isSubType(type, found)) {
    throw new GraphQLError(`Runtime Object type "${found.name}" is not a possible type for "${type.name}".`, { nodes });
  }
  return found;
}
