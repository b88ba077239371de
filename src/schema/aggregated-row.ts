import { type FieldNode, type GraphQLResolveInfo, valueFromASTUntyped } from 'graphql';
import { invalidQuery } from '../errors.ts';
import type { AggregateOperation, AggregateRequest, AggregateRow } from '../query/aggregate.ts';
import { selectedFields } from './selection.ts';

export const counts = ['count', 'countDistinct'] as const;
export const figures = ['avg', 'sum', 'avgDistinct', 'sumDistinct', 'min', 'max'] as const;
type Wanted = AggregateRequest['aggregates'][number];

/** Maximum number of aggregates in one operation, and in one argument: each is a column of the statement. */
const aggregatesMax = 100;

function tooMany(): Error {
  return invalidQuery(`"aggregate" may ask for at most ${aggregatesMax} figures`);
}

/** The aggregates in `row(aggregate: …)`, such as `{ "count": ["*"], "max": ["id", "timestamp"] }`, each once. */
function parseAggregate(argument: unknown): readonly Wanted[] {
  if (typeof argument !== 'object' || argument === null) return [];
  const wanted = new Map<string, Wanted>();
  for (const [operation, given] of Object.entries(argument)) {
    // The value is undefined if a variable inside the argument was omitted.
    const fields: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
    for (const field of fields) {
      if (typeof field !== 'string') throw invalidQuery(`"aggregate" must name fields for "${operation}"`);
      // An unknown operation is refused when the query is compiled.
      wanted.set(keyOf({ operation, field }), { operation: operation as AggregateOperation, field });
      if (wanted.size > aggregatesMax) throw tooMany();
    }
  }
  return [...wanted.values()];
}

function keyOf({ operation, field }: { readonly operation: string; readonly field: string }): string {
  return `${operation}.${field}`;
}

const parsed = new WeakMap<object, readonly Wanted[]>();

/** Like `parseAggregate`, but cached, because the argument is the same for all rows. */
function wantedByRow(argument: unknown): readonly Wanted[] {
  if (typeof argument !== 'object' || argument === null) return [];
  const cached = parsed.get(argument) ?? parseAggregate(argument);
  parsed.set(argument, cached);
  return cached;
}

const shapedRows = new WeakMap<AggregateRow, Map<readonly Wanted[], Record<string, unknown>>>();

/**
 * The row of the REST dialect: group columns first, then `{"count":{"id":"8"}}`, or `{"count":"8"}` for `count: "*"`.
 */
export function restRow(row: AggregateRow, argument: unknown): Record<string, unknown> {
  const wanted = wantedByRow(argument);
  const cached = shapedRows.get(row) ?? new Map<readonly Wanted[], Record<string, unknown>>();
  shapedRows.set(row, cached);
  const shaped = cached.get(wanted) ?? shapeRow(row, wanted);
  cached.set(wanted, shaped);
  return shaped;
}

function shapeRow(row: AggregateRow, wanted: readonly Wanted[]): Record<string, unknown> {
  const shaped: Record<string, unknown> = { ...row.group };
  for (const { operation, field } of wanted) {
    const value = row.values.get(keyOf({ operation, field }));
    const existing = shaped[operation];
    if (field === '*') shaped[operation] = value;
    else if (typeof existing === 'object' && existing !== null) Object.assign(existing, { [field]: value });
    else shaped[operation] = { [field]: value };
  }
  return shaped;
}

function aggregateArgument(node: FieldNode, info: GraphQLResolveInfo): unknown {
  const argument = node.arguments?.find(({ name }) => name.value === 'aggregate');
  return argument && valueFromASTUntyped(argument.value, info.variableValues);
}

/** The aggregates that the selection needs, each once. */
export function wantedAggregates(info: GraphQLResolveInfo): Wanted[] {
  const wanted = new Map<string, Wanted>();
  const want = (aggregate: Wanted) => {
    wanted.set(keyOf(aggregate), aggregate);
    if (wanted.size > aggregatesMax) throw tooMany();
  };
  for (const node of info.fieldNodes.flatMap(({ selectionSet }) => selectedFields(selectionSet, info))) {
    const name = node.name.value;
    if (name === 'countAll') want({ operation: 'count', field: '*' });
    else if (name === 'row') wantedByRow(aggregateArgument(node, info)).forEach(want);
    else if ([...counts, ...figures].some((operation) => operation === name)) {
      for (const { name: field } of selectedFields(node.selectionSet, info)) {
        if (!field.value.startsWith('__')) want({ operation: name as AggregateOperation, field: field.value });
      }
    }
  }
  return [...wanted.values()];
}
