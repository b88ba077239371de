import { escapeHtml } from '../../escape-html.ts';
import type { JsonSchema } from '../shared/json-schema.ts';

type Schemas = Readonly<Record<string, JsonSchema>>;

const componentOf = ({ $ref }: JsonSchema): string | undefined =>
  typeof $ref === 'string' ? $ref.slice($ref.lastIndexOf('/') + 1) : undefined;

// Schemas are written by this service: these keywords have the types of JSON Schema.
const alternativesOf = (schema: JsonSchema) => (schema['anyOf'] ?? schema['oneOf'] ?? []) as readonly JsonSchema[];
const propertiesOf = (schema: JsonSchema) => Object.entries((schema['properties'] ?? {}) as Schemas);
const itemsOf = (schema: JsonSchema) => schema['items'] as JsonSchema | undefined;

/** A type in words, such as `list of string or null`. */
export function typeName(schema: JsonSchema): string {
  const component = componentOf(schema);
  if (component !== undefined) return component;
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeName))].join(' or ');
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (schema['enum']) return (schema['enum'] as readonly unknown[]).map((each) => JSON.stringify(each)).join(' or ');
  const types = [schema['type'] ?? 'anything'].flat().map((type) => {
    const items = itemsOf(schema);
    return type === 'array' && items ? `list of ${typeName(items)}` : String(type);
  });
  const format = typeof schema['format'] === 'string' ? ` (${schema['format']})` : '';
  return types.join(' or ') + format;
}

/** Nested lists of a schema's properties. @param above the enclosing components; they are not expanded again. */
export function schemaHtml(schema: JsonSchema, schemas: Schemas, above: readonly string[] = []): string {
  const component = componentOf(schema);
  if (component !== undefined) {
    const target = schemas[component];
    if (!target || above.includes(component)) return '';
    return schemaHtml(target, schemas, [...above, component]);
  }
  const items = itemsOf(schema);
  const inner = [...alternativesOf(schema), ...(items ? [items] : [])];
  const rows = propertiesOf(schema).map(([name, property]) => propertyHtml(name, property, schemas, above));
  const own = rows.length === 0 ? '' : `<ul class="props">${rows.join('')}</ul>`;
  return [own, ...new Set(inner.map((each) => schemaHtml(each, schemas, above)))].join('');
}

function propertyHtml(name: string, property: JsonSchema, schemas: Schemas, above: readonly string[]): string {
  const description =
    typeof property['description'] === 'string' ? `<p>${inlineCode(property['description'])}</p>` : '';
  // Objects within components are not expanded: they are resources with a description of their own.
  const below = above.length === 0 ? schemaHtml(property, schemas, above) : '';
  return `<li><code>${escapeHtml(name)}</code> <span class="type">${escapeHtml(typeName(property))}</span>${description}${below}</li>`;
}

/** Converts text to HTML; parts between backticks become code. */
export function inlineCode(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
