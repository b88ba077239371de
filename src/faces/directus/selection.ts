import { type GraphQLObjectType, type GraphQLType, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { type Entry, entriesOf, type FieldScope } from './fields.ts';
import { toGraphQLFilter } from './filter.ts';
import { fieldsMax, type Query, tooManyFields } from './query.ts';
import type { Column, Shape } from './render.ts';

/** The part of a document that says what to read of each row, with the variables it uses. */
export interface Selection {
  /** What stands between the braces. */
  readonly text: string;
  readonly variables: readonly Variable[];
  readonly columns: readonly Column[];
}

/** A variable of a document: its definition and its value. Values never stand in the text, so texts repeat. */
export interface Variable {
  readonly name: string;
  readonly type: GraphQLType;
  readonly value: unknown;
}

/** The parameters of a list that are arguments of the same name in the schema. */
export const listParameters = ['filter', 'sort', 'limit', 'offset', 'page', 'search'] as const;
export type ListParameter = (typeof listParameters)[number];

/**
 * Turns `fields`, `alias` and `deep` into a selection on the type.
 * @throws ServiceError `FORBIDDEN` for a field that does not exist or is not for this role, `INVALID_QUERY` for the rest.
 */
export function selectionOf(type: GraphQLObjectType, query: Query, scope: FieldScope): Selection {
  const variables: Variable[] = [];
  const columns = columnsOf(type, query, scope, variables);
  if (countOf(columns) > fieldsMax) throw tooManyFields('fields');
  return { text: columns.map(({ text }) => text).join(' '), variables, columns };
}

/** Those of relations count as well, and the relation itself. */
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
    const { name, shape, rest } = written(key, entry, scope, variables);
    return { alias, key, shape, text: `${alias === name ? name : `${alias}: ${name}`}${rest}` };
  });
}

/** The field to read for an entry, what follows its name in the document, and how its value is shown. */
function written(
  key: string,
  entry: Entry,
  scope: FieldScope,
  variables: Variable[],
): { readonly name: string; readonly shape: Shape; readonly rest: string } {
  const { name, graphql, directus } = entry.field;
  switch (entry.kind) {
    case 'value': {
      if (directus.keyField !== undefined) return { name: directus.keyField, shape: { kind: 'plain' }, rest: '' };
      return { name, shape: { kind: directus.kind === 'id' ? 'number' : 'plain' }, rest: wholeOf(graphql.type) };
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
  const written = field.graphql.args.flatMap((argument) => {
    const parameter = listParameters.find((name) => name === argument.name);
    const given = parameter && below[parameter];
    const inputType = getNamedType(argument.type);
    const value = isInputObjectType(inputType) && given !== undefined ? toGraphQLFilter(given, inputType) : given;
    if (value === undefined) return [];
    const name = `v${variables.length}`;
    variables.push({ name, type: argument.type, value });
    return [`${argument.name}: $${name}`];
  });
  return written.length === 0 ? '' : `(${written.join(', ')})`;
}

/** A value made of parts is shown whole: GraphQL wants its parts named. */
function wholeOf(type: GraphQLType): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const parts = Object.values(named.getFields()).map((field) => `${field.name}${wholeOf(field.type)}`);
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
