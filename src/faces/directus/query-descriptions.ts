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

/** What is said of each parameter of `parseQuery`; the compiler refuses a missing or unknown one. */
const descriptions: { readonly [Name in keyof Query]-?: Described } = {
  fields: list('Fields, and fields of related objects, such as `recipient.email`; `*` by default.', ['*']),
  filter: jsonText('A condition in the filter language of Directus, also in brackets: `filter[status][_eq]=inbox`.', {
    status: { _eq: 'inbox' },
  }),
  search: { description: 'Text that any text field holds, or a key.', schema: { type: 'string' } },
  sort: list('Field names; `-` before one for descending.', ['-timestamp']),
  limit: whole('Most rows; -1 for all. 100 when not given, unless configured otherwise.', -1),
  offset: whole('How many rows to skip.', 0),
  page: whole('Counts from 1 and wins over `offset`.', 0),
  deep: jsonText('Parameters for related objects.', {}),
  alias: jsonText('Key of the answer → field.', {}, { type: 'string' }),
  aggregate: jsonText('Aggregate function → fields.', {}),
  groupBy: list('Fields, or parts of a time such as `year(timestamp)`.', []),
  meta: list('What to count.', ['filter_count'], { type: 'string', enum: ['*', ...metaCounts] }),
  export: {
    description: 'Answers a file instead, of all matching rows when `limit` is -1.',
    schema: { type: 'string', enum: exportFormats },
  },
};

type Name = keyof Query;

function parametersOf(names: readonly Name[]): ParameterDescription[] {
  return names.map((name) => ({ name, in: 'query', ...descriptions[name] }));
}

const listNames = Object.keys(descriptions) as Name[];
// Rows that a write answers are neither grouped nor counted.
const unused: ReadonlySet<Name> = new Set(['aggregate', 'groupBy', 'meta', 'export']);

/** The query parameters of a list, of one row, and of a write, which apply to the rows it answers. */
export const listParameters = parametersOf(listNames);
export const rowParameters = parametersOf(['fields', 'filter', 'search', 'sort', 'deep', 'alias', 'export']);
export const writeParameters = parametersOf(listNames.filter((name) => !unused.has(name)));
