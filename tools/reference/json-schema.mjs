import { slug } from '../../docs/.vitepress/slug.ts';
import { prose } from './markdown.mjs';

/** The name of the component to which a schema refers, or undefined. */
export const componentOf = ({ $ref }) => $ref?.slice($ref.lastIndexOf('/') + 1);

const alternativesOf = (schema) => schema.anyOf ?? schema.oneOf ?? [];
const code = (value) => `\`${JSON.stringify(value)}\``;

/** A type in words, such as `list of string or null`, with links to the schemas that it names. */
export function typeText(schema) {
  const component = componentOf(schema);
  if (component !== undefined) return `[${component}](#${slug(component)})`;
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeText))].join(' or ');
  if ('const' in schema) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(' or ');
  const types = [schema.type ?? 'anything']
    .flat()
    .map((type) => (type === 'array' && schema.items ? `list of ${typeText(schema.items)}` : type));
  return types.join(' or ') + (schema.format ? ` (${schema.format})` : '');
}

/** A row for each property of a schema: path, type, description. Referenced schemas are described elsewhere. */
export function propertyRows(schema) {
  return mergeRows(propertiesOf(schema, '', 0));
}

function propertiesOf(schema, prefix, depth) {
  if (componentOf(schema) !== undefined || depth > 6) return [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    [
      `\`${prefix}${name}\``,
      typeText(property),
      schema.required?.includes(name) ?? false,
      prose(property.description ?? ''),
    ],
    ...propertiesOf(property, `${prefix}${name}.`, depth + 1),
  ]);
  const inner = [
    ...alternativesOf(schema).map((each) => propertiesOf(each, prefix, depth + 1)),
    ...(schema.items
      ? [propertiesOf(schema.items, prefix === '' ? '[].' : prefix.replace(/\.$/, '[].'), depth + 1)]
      : []),
  ].flat();
  return [...own, ...inner];
}

/** One row for each path, with the types that it may have. */
function mergeRows(rows) {
  const merged = new Map();
  for (const [path, type, isRequired, description] of rows) {
    const known = merged.get(path);
    if (known === undefined) merged.set(path, { types: new Set([type]), isRequired, description });
    else known.types.add(type);
  }
  return [...merged].map(([path, { types, isRequired, description }]) => [
    path,
    [...types].join(' or ') + (isRequired ? ', required' : ''),
    description,
  ]);
}
