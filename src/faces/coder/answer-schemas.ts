import type { JsonSchema } from '../shared/json-schema.ts';

type Change = (schema: JsonSchema) => JsonSchema;

/** The schema of an object with some of its properties changed. */
export function changed(object: JsonSchema, changes: Readonly<Record<string, Change>>): JsonSchema {
  const properties = { ...(object['properties'] as Record<string, JsonSchema> | undefined) };
  for (const [name, change] of Object.entries(changes)) properties[name] = change(properties[name] ?? {});
  return { ...object, properties };
}

/** The schema of an object without one of its properties. */
export function without(object: JsonSchema, name: string): JsonSchema {
  // Schemas of selected objects have both `properties` and `required`.
  const { [name]: _dropped, ...properties } = object['properties'] as Record<string, JsonSchema>;
  return { ...object, properties, required: Object.keys(properties) };
}

/** Changes the items of a list. */
export const itemsOf =
  (change: Change): Change =>
  (list) => ({ ...list, items: change((list['items'] ?? {}) as JsonSchema) });

/** The schema without null. */
export const withoutNull: Change = ({ type, ...rest }) => {
  const [only, ...others] = [type].flat().filter((each) => each !== 'null');
  return { ...rest, ...(only !== undefined && { type: others.length === 0 ? only : [only, ...others] }) };
};

/** Changes the schema to a string, and keeps its description. */
export const asText: Change = ({ description }) => ({
  type: 'string',
  ...(description !== undefined && { description }),
});
