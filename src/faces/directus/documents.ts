import type { Operation } from '../../operations/operations.ts';
import type { RootField } from './resource.ts';
import type { Variable } from './selection.ts';

/** One root field of a document. */
export interface Call {
  /** The key in the result. */
  readonly alias: string;
  readonly field: RootField;
  /** Undefined arguments are omitted. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The text between the braces. */
  readonly selection: string;
}

/**
 * Writes a document that makes these calls. All values are variables, so requests of the same shape have the same text,
 * which is parsed, validated and compiled once.
 * @param more variables that the selections use.
 */
export function writeOperation(
  kind: 'query' | 'mutation',
  calls: readonly Call[],
  more: readonly Variable[] = [],
): Operation {
  const variables: Variable[] = [...more];
  const texts = calls.map(({ alias, field, parameters, selection }) => {
    const parts = field.args.flatMap(({ name, type }) => {
      const value = parameters[name];
      return value === undefined ? [] : [`${name}: $${variableFor({ name, type, value }, variables)}`];
    });
    return `${alias}: ${field.name}${parts.length === 0 ? '' : `(${parts.join(', ')})`} { ${selection} }`;
  });
  const definitions = variables.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  return {
    document: `${kind}${definitions === '' ? '' : ` (${definitions})`} { ${texts.join(' ')} }`,
    variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
  };
}

/** The name of a variable with this value, added if needed; calls with the same argument share a variable. */
function variableFor(wanted: Variable, variables: Variable[]): string {
  const existing = variables.find(
    ({ name, value }) => name.replace(/_+$/, '') === wanted.name && value === wanted.value,
  );
  if (existing) return existing.name;
  let { name } = wanted;
  while (variables.some((variable) => variable.name === name)) name = `${name}_`;
  variables.push({ ...wanted, name });
  return name;
}
