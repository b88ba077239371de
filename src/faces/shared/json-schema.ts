import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';

/** A JSON Schema, draft 2020-12, as OpenAPI 3.1 uses it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const scalars: Readonly<Record<string, JsonSchema>> = {
  Boolean: { type: 'boolean' },
  Date: { type: 'string', format: 'date-time' },
  Float: { type: 'number' },
  GraphQLBigInt: { type: 'string' },
  GraphQLStringOrFloat: { type: ['string', 'number'] },
  Hash: { type: 'string' },
  ID: { type: 'string' },
  Int: { type: 'integer' },
  String: { type: 'string' },
};

/** A reference to a component of the OpenAPI document. */
export const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** The schema that also allows null. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { type, ...rest } = schema;
  if (Object.keys(schema).length === 0) return schema;
  if (type === undefined || 'enum' in rest) return { anyOf: [schema, { type: 'null' }] };
  return { type: [...new Set([type, 'null'].flat())], ...rest };
}

/** The schema with the description, unless there is none. */
export function describedAs(schema: JsonSchema, description: string | null | undefined): JsonSchema {
  return description ? { ...schema, description } : schema;
}

/**
 * The JSON Schema of the values of a GraphQL type.
 * @param named returns the schema of an object or input type, or of a scalar that is not in `scalars`; undefined: any
 * value.
 */
export function schemaOfType(type: GraphQLType, named: (type: GraphQLType) => JsonSchema | undefined): JsonSchema {
  if (!isNonNullType(type)) return nullable(schemaOfNullable(type, named));
  return schemaOfNullable(getNullableType(type), named);
}

function schemaOfNullable(type: GraphQLType, named: (type: GraphQLType) => JsonSchema | undefined): JsonSchema {
  if (isListType(type)) return { type: 'array', items: schemaOfType(type.ofType, named) };
  if (isEnumType(type)) return { type: 'string', enum: type.getValues().map(({ name }) => name) };
  return named(type) ?? scalars[String(type)] ?? {};
}

/** The schemas of the values of a document's root fields, by their response keys. The document has no fragments. */
export function selectedSchemas(schema: GraphQLSchema, document: DocumentNode): Readonly<Record<string, JsonSchema>> {
  const [operation] = document.definitions;
  if (operation?.kind !== 'OperationDefinition') throw new Error('The document does not begin with an operation.');
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`The schema has no ${operation.operation}.`);
  return propertiesOf(root, operation.selectionSet);
}

function propertiesOf(type: GraphQLObjectType, { selections }: SelectionSetNode): Record<string, JsonSchema> {
  const fields = selections.filter((selection): selection is FieldNode => selection.kind === 'Field');
  return Object.fromEntries(
    fields.map((node) => {
      const field = type.getFields()[node.name.value];
      if (!field) throw new Error(`"${type.name}" has no "${node.name.value}".`);
      return [(node.alias ?? node.name).value, describedAs(schemaOfSelection(field.type, node), field.description)];
    }),
  );
}

function schemaOfSelection(type: GraphQLOutputType, { selectionSet }: FieldNode): JsonSchema {
  const object = getNamedType(type);
  return schemaOfType(type, () =>
    isObjectType(object) && selectionSet ? objectOf(propertiesOf(object, selectionSet)) : undefined,
  );
}

/** An object that has all these properties. */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) };
}
