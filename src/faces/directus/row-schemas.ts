import {
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLType,
  getNamedType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { directusFieldOf } from '../../schema/directus-extension.ts';
import { describedAs, type JsonSchema, nullable, reference, schemaOfType } from '../shared/json-schema.ts';

/** The schemas of REST rows, by type name: of this type and of all types that it refers to. */
export function rowSchemas(
  type: GraphQLObjectType,
  schemas: Record<string, JsonSchema> = {},
): Record<string, JsonSchema> {
  if (schemas[type.name]) return schemas;
  const properties: Record<string, JsonSchema> = {};
  schemas[type.name] = describedAs({ type: 'object', properties }, type.description);
  const fields = type.getFields();
  for (const [name, field] of Object.entries(fields)) {
    const directus = directusFieldOf(field);
    if (!directus) continue;
    const { kind, keyField, objectField } = directus;
    const related = getNamedType((objectField === undefined ? field : fields[objectField])?.type ?? field.type);
    // REST sends the key, unless fields of the related object are requested.
    const keyType = keyField === undefined ? field.type : fields[keyField]?.type;
    const hasKey = kind !== 'relation' || keyField !== undefined;
    const key =
      hasKey && keyType ? [schemaOfType(keyType, () => (kind === 'id' ? { type: 'integer' } : undefined))] : [];
    const values = [...key, ...(isObjectType(related) ? [reference(related.name)] : [])];
    if (isObjectType(related)) rowSchemas(related, schemas);
    const [only = {}] = values;
    const value = values.length === 1 ? only : { anyOf: values };
    properties[name] = describedAs(isNonNullType(field.type) ? value : nullable(value), field.description);
  }
  return schemas;
}

/** The schema of the body of a write: numbers are accepted for text. */
export function inputSchema(type: GraphQLInputObjectType): JsonSchema {
  const fields = Object.values(type.getFields());
  const required = fields.filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
  return {
    ...describedAs({ type: 'object' }, type.description),
    properties: Object.fromEntries(
      fields.map((field) => [field.name, describedAs(schemaOfType(field.type, schemaOfText), field.description)]),
    ),
    ...(required.length > 0 && { required: required.map(({ name }) => name) }),
    additionalProperties: false,
  };
}

function schemaOfText(type: GraphQLType): JsonSchema | undefined {
  switch (String(type)) {
    case 'ID':
    case 'String':
      return { type: ['string', 'number'] };
    case 'directus_users_key':
      return {
        anyOf: [
          { type: 'string' },
          ...['id', 'external_id', 'username', 'email'].map((key) => ({
            type: 'object',
            properties: { [key]: { type: ['string', 'integer'] } },
            required: [key],
            additionalProperties: false,
          })),
        ],
      };
    default:
      return undefined;
  }
}
