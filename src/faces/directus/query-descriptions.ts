import type { JsonSchema } from '../shared/json-schema.ts';
import type { ParameterDescription } from '../shared/openapi.ts';
import { exportFormats, metaCounts, type Query } from './query.ts';

type Described = Omit<ParameterDescription, 'name' | 'in'>;

/** Several texts, separated by commas or as a repeated parameter. */
const list = (description: string, example: readonly string[], items: JsonSchema = { type: 'string' }): Described => ({
  description,
  schema: { type: 'array', items },
  style: 'form',
  explode: false,
  example,
});

const whole = (description: string, minimum: number): Described => ({
  description,
  schema: { type: 'integer', minimum },
});

const jsonText = (
  description: string,
  example: unknown,
  additionalProperties: JsonSchema | true = true,
): Described => ({
  description,
  content: { 'application/json': { schema: { type: 'object', additionalProperties }, example } },
});

/** The description of each parameter of `parseQuery`; the compiler rejects missing and unknown parameters. */
const descriptions: { readonly [Name in keyof Query]-?: Described } = {
  fields: list('Fields, and fields of related objects, such as `recipient.email`; `*` by default.', ['*']),
  filter: jsonText('A condition in the filter language of Directus, also in brackets: `filter[status][_eq]=inbox`.', {
    status: { _eq: 'inbox' },
  }),
  search: { description: 'Text that one of the text fields contains, or a key.', schema: { type: 'string' } },
  sort: list('Field names; `-` before one for descending.', ['-timestamp']),
  limit: whole('Maximum number of rows; -1 for all. The default is 100 unless configured otherwise.', -1),
  offset: whole('Number of rows to skip.', 0),
  page: whole('Number of the page, from 1; takes precedence over `offset`.', 0),
  deep: jsonText('Parameters for related objects.', {}),
  alias: jsonText('An object from keys in the answer to field names.', {}, { type: 'string' }),
  aggregate: jsonText('An object from aggregate functions to fields.', {}),
  groupBy: list('Fields, or parts of a time such as `year(timestamp)`.', []),
  meta: list('The counts to add to the answer.', ['filter_count'], { type: 'string', enum: ['*', ...metaCounts] }),
  export: {
    description: 'Sends a file instead of JSON, with all matching rows if `limit` is -1.',
    schema: { type: 'string', enum: exportFormats },
  },
};

type Name = keyof Query;

function parametersOf(names: readonly Name[]): ParameterDescription[] {
  return names.map((name) => ({ name, in: 'query', ...descriptions[name] }));
}

const listNames = Object.keys(descriptions) as Name[];
// Rows that a write returns are neither grouped nor counted.
const unused: ReadonlySet<Name> = new Set(['aggregate', 'groupBy', 'meta', 'export']);

/** The query parameters of a list, of one row, and of a write; the latter apply to the rows that it returns. */
export const listParameters = parametersOf(listNames);
export const rowParameters = parametersOf(['fields', 'filter', 'search', 'sort', 'deep', 'alias', 'export']);
export const writeParameters = parametersOf(listNames.filter((name) => !unused.has(name)));
