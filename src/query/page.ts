import { sql } from 'kysely';
import type { Queryable } from '../database/database.ts';
import type { Sql } from '../database/sql.ts';
import { invalidQuery } from '../errors.ts';
import { bindPage, fromClause, orderClause, pageClause, whereClause, writtenCursorLimits } from './clauses.ts';
import { readOperand, sortable } from './compile.ts';
import { createDraft } from './draft.ts';
import { rootAlias } from './operand.ts';
import { behind, decodePosition, encodePosition, type Position, reversed, startBehind } from './position.ts';
import { chosenRows } from './rows.ts';
import type { ListArguments, QueryScope } from './scope.ts';
import { finish } from './shapes.ts';
import { type Order, parseSort } from './sort.ts';

/** Which rows, in which order, and which of them: those behind and before positions, from either end. */
export interface PageArguments extends Pick<ListArguments, 'filter' | 'search' | 'sort'> {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** One row and the place it has in the list. */
export interface PlacedRow<Row> {
  readonly row: Row;
  /** Text that stands for the place, also when the row is gone. */
  readonly cursor: string;
}

export interface RowsPage<Row> {
  readonly rows: readonly PlacedRow<Row>[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** Rows of a page for which no size was given and the deployment has no default either. */
const defaultSize = 100;

/**
 * A page of the rows the arguments choose, those columns of them. Pages are cut by the values of rows, so rows that come
 * and go meanwhile move none of the others to another page.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for everything else that is wrong.
 */
export async function readPage<Row>(
  db: Queryable,
  scope: QueryScope,
  columns: readonly string[],
  args: PageArguments,
): Promise<RowsPage<Row>> {
  const first = sizeOf(scope, 'first', args.first);
  const last = sizeOf(scope, 'last', args.last);
  // From the end only where nothing is asked for from the beginning: then `last` cuts what `first` gave.
  const isBackward = first === undefined && last !== undefined;
  const size = first ?? last ?? pageSize(scope);
  const request = { columns, args, isBackward };
  const read = async (part: 'begin' | 'rest', limit: number) => {
    const { statement, orders, hasRest } = pageStatement(scope, { ...request, part, limit });
    return { rows: await db.query<Readonly<Record<string, unknown>>>(statement), orders, hasRest };
  };
  // One more tells whether there is one.
  const begun = await read('begin', size + 1);
  const missing = size + 1 - begun.rows.length;
  const found = begun.hasRest && missing > 0 ? [...begun.rows, ...(await read('rest', missing)).rows] : begun.rows;
  const isMore = found.length > size;
  const kept = found.slice(0, size);
  if (isBackward) kept.reverse();
  const cut = first !== undefined && last !== undefined && kept.length > last ? kept.length - last : 0;
  return {
    rows: kept.slice(cut).map((row) => placed<Row>(begun.orders, row)),
    hasNext: isBackward ? isGiven(args.before) : isMore,
    hasPrevious: cut > 0 || (isBackward ? isMore : isGiven(args.after)),
  };
}

/** The size of a page for which none was given. */
export function pageSize({ limits }: Pick<QueryScope, 'limits'>): number {
  const wanted = limits.queryDefault === -1 ? defaultSize : limits.queryDefault;
  return Math.min(wanted, limits.queryMax ?? wanted);
}

function sizeOf({ limits }: QueryScope, name: string, size: number | null | undefined): number | undefined {
  if (size === null || size === undefined) return undefined;
  if (!Number.isSafeInteger(size) || size < 0) throw invalidQuery(`"${name}" must be a whole number of at least 0`);
  const { queryMax } = limits;
  if (queryMax !== undefined && size > queryMax) throw invalidQuery(`"${name}" may be at most ${queryMax}`);
  return size;
}

function isGiven(cursor: string | null | undefined): boolean {
  return cursor !== null && cursor !== undefined;
}

interface PageRequest {
  readonly columns: readonly string[];
  readonly args: PageArguments;
  readonly isBackward: boolean;
  /** `rest`: the rows that the beginning of the list in reading order does not reach. */
  readonly part: 'begin' | 'rest';
  readonly limit: number;
}

interface PageStatement {
  readonly statement: Sql;
  /** The order of the list, whichever way it is read. */
  readonly orders: readonly Order[];
  readonly hasRest: boolean;
}

/** The columns of a row are followed by `k0 …`, what each step of the order has there. */
function pageStatement(scope: QueryScope, request: PageRequest): PageStatement {
  const { columns, args, isBackward, part, limit } = request;
  const draft = createDraft(scope);
  draft.mark(`&${isBackward ? '-' : '+'}${part}:${columns.join()}`);
  const conditions = [...chosenRows(draft, args)];
  const orders = parseSort(draft, args.sort);
  const read = isBackward ? reversed(orders) : orders;
  const positionOf = (name: 'after' | 'before'): Position | undefined => {
    const text = args[name];
    return text === null || text === undefined ? undefined : decodePosition(name, text, orders);
  };
  const [begin, end] = isBackward
    ? [positionOf('before'), positionOf('after')]
    : [positionOf('after'), positionOf('before')];
  const start = begin && startBehind(draft, read, begin);
  if (start) conditions.push(part === 'rest' && start.rest ? start.rest : start.condition);
  draft.mark('@');
  if (end) conditions.push(behind(draft, reversed(read), end));
  const page = bindPage(draft, { limit, offset: 0 }, writtenCursorLimits);
  const statement = finish(draft, () => {
    const selected = sql.join([
      ...columns.map((column) => sql.ref(`${rootAlias}.${column}`)),
      ...orders.map(({ by }, index) => sql`${readOperand(by)} as ${sql.id(`k${index}`)}`),
    ]);
    const chosen = sql`${fromClause(draft)}${whereClause(conditions)}`;
    return sql`select ${selected}${chosen}${orderClause(read, sortable)}${pageClause(page)}`;
  });
  return { statement, orders, hasRest: start?.rest !== undefined };
}

/** Its cursor is spelled when it is asked for: most are not. */
function placed<Row>(orders: readonly Order[], row: Readonly<Record<string, unknown>>): PlacedRow<Row> {
  return {
    // The columns were chosen by the caller, who knows the row that they make.
    row: row as Row,
    get cursor() {
      const position = orders.map((_order, index) => row[`k${index}`] ?? null) as unknown as Position;
      return encodePosition(orders, position);
    },
  };
}
