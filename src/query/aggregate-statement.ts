import { sql } from 'kysely';
import type { Sql } from '../database/sql.ts';
import { invalidQuery } from '../errors.ts';
import { bindPage, fromClause, orderClause, pageClause, whereClause } from './clauses.ts';
import { nothing, type Piece, readOperand, sortable } from './compile.ts';
import { createDraft, type Draft } from './draft.ts';
import {
  type AggregateRequest,
  compileMeasure,
  isOperation,
  type Measure,
  parseMeasure,
  selectMeasure,
} from './measures.ts';
import { parsePage } from './paging.ts';
import { type Operand, operand, rootTable, target, targetByPath } from './resolve-field.ts';
import { chosenRows } from './row-conditions.ts';
import type { ListArguments, QueryScope } from './scope.ts';
import { finish } from './shapes.ts';
import { addedDirection, type Order, sortNames } from './sort.ts';

/** A key that rows are grouped by. */
export interface Group {
  /** The key in the result: `status`, or `timestamp_year` for `year(timestamp)`. */
  readonly name: string;
  readonly operand: Operand;
}

/** The result columns are `g0 …` for the groups and `m0 …` for the measures. */
export interface AggregateStatement {
  readonly statement: Sql;
  readonly groups: readonly Group[];
  readonly measures: readonly Measure[];
}

type Key =
  | { readonly kind: 'group'; readonly operand: Operand }
  | { readonly kind: 'measure'; readonly measure: Measure };

/** Builds the statement of `aggregate`. @throws the errors of `aggregate` */
export function aggregateStatement(
  scope: QueryScope,
  request: AggregateRequest,
  args: ListArguments,
): AggregateStatement {
  const draft = createDraft(scope);
  draft.mark('+');
  const groups = parseGroups(draft, request.groupBy);
  const measures = parseMeasures(draft, request.aggregates);
  const conditions = chosenRows(draft, args);
  const orders = parseOrders(draft, args, groups, measures);
  const page = bindPage(draft, parsePage(scope, args));
  const statement = finish(draft, () => {
    const chosen = sql`${fromClause(draft)}${whereClause(conditions)}${groupClause(groups)}`;
    return sql`select ${columns(groups, measures)}${chosen}${orderClause(orders, keySql)}${pageClause(page)}`;
  });
  return { statement, groups, measures };
}

/**
 * Returns each measure once, even if it is requested several times, because PostgreSQL limits the number of columns.
 */
function parseMeasures(draft: Draft, requested: AggregateRequest['aggregates']): Measure[] {
  const measures = requested.map(({ operation, field }) => parseMeasure(draft, operation, field));
  return [...new Map(measures.map((measure) => [measure.name, measure])).values()];
}

function parseGroups(draft: Draft, names: readonly string[]): Group[] {
  const groups = new Map<string, Group>();
  for (const name of names) {
    const group = parseGroup(draft, name.trim());
    groups.set(group.name, group);
  }
  return [...groups.values()];
}

function parseGroup(draft: Draft, name: string): Group {
  const { scope } = draft;
  if (name.includes('.')) throw invalidQuery(`"groupBy" takes fields of "${scope.collection.name}" only`);
  const grouped = operand(draft, target(scope, rootTable(scope.collection), name));
  if (grouped.type === 'hash') throw invalidQuery(`"${name}" is concealed and cannot be grouped by`);
  if (grouped.type === 'uuids') throw invalidQuery(`"${name}" is a list and cannot be grouped by`);
  draft.mark(`;${grouped.key}`);
  return { name: grouped.call ? `${grouped.field.name}_${grouped.call}` : grouped.field.name, operand: grouped };
}

/**
 * The requested sort keys, followed by the groups in the direction of the last key, so that pages do not overlap. A
 * single row needs no order.
 */
function parseOrders(
  draft: Draft,
  { sort }: ListArguments,
  groups: readonly Group[],
  measures: readonly Measure[],
): readonly Order<Key>[] {
  const orders: Order<Key>[] = [];
  const seen = new Set<string>();
  const add = (by: Key, isDescending: boolean) => {
    const name = by.kind === 'group' ? by.operand.key : by.measure.name;
    if (seen.has(name)) return;
    seen.add(name);
    draft.mark(`${isDescending ? '>' : '<'}${name}`);
    orders.push({ by, isDescending });
  };
  for (const { by, isDescending } of sortNames(sort)) {
    const key = parseKey(draft, by, groups, measures);
    if (key) add(key, isDescending);
  }
  const isDescending = addedDirection(orders);
  for (const group of groups) add({ kind: 'group', operand: group.operand }, isDescending);
  return groups.length === 0 ? [] : orders;
}

function parseKey(draft: Draft, name: string, groups: readonly Group[], measures: readonly Measure[]): Key | undefined {
  const group = groups.find((each) => each.name === name || each.operand.key === name);
  if (group) return { kind: 'group', operand: group.operand };
  const measure = sortMeasure(draft, name, measures);
  if (measure) return { kind: 'measure', measure };
  // Throws the error for an unknown or denied field. Any other field has no single value per group.
  targetByPath(draft.scope, draft.scope.collection, name);
  if (groups.length === 0) return undefined;
  throw invalidQuery(`"sort" by "${name}" needs it in "groupBy"`);
}

/**
 * Accepts `count`, `count.id` and `count(id)`; without a field, the name means the only measure of that operation, or
 * otherwise the number of rows.
 */
function sortMeasure(draft: Draft, name: string, measures: readonly Measure[]): Measure | undefined {
  const [, operation = '', dotted, bracketed] = /^(\w+)(?:\.(.+)|\((.+)\))?$/s.exec(name) ?? [];
  if (operation === 'countAll') return parseMeasure(draft, 'count', '*');
  if (!isOperation(operation)) return undefined;
  const field = dotted ?? bracketed;
  if (field !== undefined) return parseMeasure(draft, operation, field);
  const [only, ...others] = measures.filter((measure) => measure.operation === operation);
  if (only && others.length === 0) return only;
  return parseMeasure(draft, operation, '*');
}

function columns(groups: readonly Group[], measures: readonly Measure[]): Piece {
  const selected = [
    ...groups.map((group, index) => sql`${readOperand(group.operand)} as ${sql.id(`g${index}`)}`),
    ...measures.map((measure, index) => sql`${selectMeasure(measure)} as ${sql.id(`m${index}`)}`),
  ];
  // Without measures and groups, the result is still one row, for the group of all rows.
  return selected.length === 0 ? sql`count(*) as "all"` : sql.join(selected);
}

function groupClause(groups: readonly Group[]): Piece {
  return groups.length === 0 ? nothing : sql` group by ${sql.join(groups.map((group) => readOperand(group.operand)))}`;
}

function keySql(key: Key): Piece {
  return key.kind === 'group' ? sortable(key.operand) : compileMeasure(key.measure);
}
