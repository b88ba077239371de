import type { Operation } from '../../operations/operations.ts';
import type { RootField } from './resource.ts';
import type { Variable } from './selection.ts';

/** One root field of a document. */
export interface Call {
  /** The key of the answer. */
  readonly alias: string;
  readonly field: RootField;
  /** Arguments that are undefined are left out. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What stands between the braces. */
  readonly selection: string;
}

/**
 * Writes the document that makes these calls. Values travel as variables only, so one shape of request is one text,
 * which is parsed, checked and compiled once.
 * @param more the variables that the selections use.
 */
export function writeOperation(
  kind: 'query' | 'mutation',
  calls: readonly Call[],
  more: readonly Variable[] = [],
): Operation {
  const variables: Variable[] = [...more];
  const texts = calls.map(({ alias, field, parameters, selection }) => {
    const written = field.args.flatMap(({ name, type }) => {
      const value = parameters[name];
      return value === undefined ? [] : [`${name}: $${variableFor({ name, type, value }, variables)}`];
    });
    return `${alias}: ${field.name}${written.length === 0 ? '' : `(${written.join(', ')})`} { ${selection} }`;
  });
  const definitions = variables.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  return {
    document: `${kind}${definitions === '' ? '' : ` (${definitions})`} { ${texts.join(' ')} }`,
    variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
  };
}

/** The name of a variable with that value: calls that share an argument share the variable. */
function variableFor(wanted: Variable, variables: Variable[]): string {
  const known = variables.find(({ name, value }) => name.replace(/_+$/, '') === wanted.name && value === wanted.value);
  if (known) return known.name;
  let { name } = wanted;
  while (variables.some((variable) => variable.name === name)) name = `${name}_`;
  variables.push({ ...wanted, name });
  return name;
}
