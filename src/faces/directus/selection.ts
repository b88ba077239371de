import { type GraphQLObjectType, type GraphQLType, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { type Entry, entriesOf, type FieldScope } from './fields.ts';
import { fieldsMax, type Query, tooManyFields } from './query.ts';
import type { Column, Shape } from './render.ts';
import { toGraphQLFilter } from './to-graphql-filter.ts';

/** The selection set for each row, with the variables that it uses. */
export interface Selection {
  /** The text between the braces. */
  readonly text: string;
  readonly variables: readonly Variable[];
  readonly columns: readonly Column[];
}

/** A variable of a document. Values are never part of the text, so requests of the same shape have the same text. */
export interface Variable {
  readonly name: string;
  readonly type: GraphQLType;
  readonly value: unknown;
}

/** The list parameters that are arguments of the same name in the schema. */
export const listParameters = ['filter', 'sort', 'limit', 'offset', 'page', 'search'] as const;
export type ListParameter = (typeof listParameters)[number];

/**
 * Turns `fields`, `alias` and `deep` into a selection on the type.
 * @throws ServiceError `FORBIDDEN` for a field that does not exist or this role may not read, else `INVALID_QUERY`.
 */
export function selectionOf(type: GraphQLObjectType, query: Query, scope: FieldScope): Selection {
  const variables: Variable[] = [];
  const columns = columnsOf(type, query, scope, variables);
  if (countOf(columns) > fieldsMax) throw tooManyFields('fields');
  return { text: columns.map(({ text }) => text).join(' '), variables, columns };
}

/** The number of columns, including relations and their columns. */
function countOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { shape }) => sum + 1 + (shape.kind === 'relation' ? countOf(shape.columns) : 0), 0);
}

interface WrittenColumn extends Column {
  readonly text: string;
}

function columnsOf(
  type: GraphQLObjectType,
  query: Query,
  scope: FieldScope,
  variables: Variable[],
): readonly WrittenColumn[] {
  const entries = entriesOf(type, query, scope);
  return [...entries].map(([key, entry], index) => {
    const alias = isGraphQLName(key) ? key : freeName(entries, index);
    const { name, shape, rest } = writeEntry(key, entry, scope, variables);
    return { alias, key, shape, text: `${alias === name ? name : `${alias}: ${name}`}${rest}` };
  });
}

/** The field to read for an entry, the text after its name in the document, and the shape of its value. */
function writeEntry(
  key: string,
  entry: Entry,
  scope: FieldScope,
  variables: Variable[],
): { readonly name: string; readonly shape: Shape; readonly rest: string } {
  const { name, graphql, directus } = entry.field;
  switch (entry.kind) {
    case 'value': {
      if (directus.keyField !== undefined) return { name: directus.keyField, shape: { kind: 'plain' }, rest: '' };
      return { name, shape: { kind: directus.kind === 'id' ? 'number' : 'plain' }, rest: allFieldsOf(graphql.type) };
    }
    case 'function':
      return {
        name: directus.functionsField ?? name,
        shape: { kind: 'function', name: entry.name },
        rest: ` { ${entry.name} }`,
      };
    case 'relation': {
      const parameters = argumentsOf(entry, variables);
      const path = scope.path === 'root' ? key : `${scope.path}.${key}`;
      const columns = columnsOf(entry.type, entry.below, { ...scope, path }, variables);
      const text = columns.map((column) => column.text).join(' ');
      return { name, shape: { kind: 'relation', columns }, rest: `${parameters} { ${text} }` };
    }
  }
}

/** The arguments that `deep` gives a relation; each value becomes a variable of the document. */
function argumentsOf({ field, below }: Extract<Entry, { kind: 'relation' }>, variables: Variable[]): string {
  const parts = field.graphql.args.flatMap((argument) => {
    const parameter = listParameters.find((name) => name === argument.name);
    const given = parameter && below[parameter];
    const inputType = getNamedType(argument.type);
    const value = isInputObjectType(inputType) && given !== undefined ? toGraphQLFilter(given, inputType) : given;
    if (value === undefined) return [];
    const name = `v${variables.length}`;
    variables.push({ name, type: argument.type, value });
    return [`${argument.name}: $${name}`];
  });
  return parts.length === 0 ? '' : `(${parts.join(', ')})`;
}

/** Selects all fields of an object value, because GraphQL requires a selection set. */
function allFieldsOf(type: GraphQLType): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const parts = Object.values(named.getFields()).map((field) => `${field.name}${allFieldsOf(field.type)}`);
  return ` { ${parts.join(' ')} }`;
}

function isGraphQLName(key: string): boolean {
  return /^[A-Za-z_]\w*$/.test(key) && !key.startsWith('__');
}

function freeName(entries: ReadonlyMap<string, unknown>, index: number): string {
  let name = `k${index}`;
  while (entries.has(name)) name = `${name}_`;
  return name;
}
