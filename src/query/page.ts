import { sql } from 'kysely';
import type { QueryRunner, Sql } from '../database/sql.ts';
import { invalidQuery } from '../errors.ts';
import { bindPage, constantCursorLimits, fromClause, orderClause, pageClause, whereClause } from './clauses.ts';
import { readOperand, sortable } from './compile.ts';
import { createDraft } from './draft.ts';
import { decodePosition, encodePosition, type Position, reversed, rowsAfter, startAfter } from './position.ts';
import { rootAlias } from './resolve-field.ts';
import { chosenRows } from './row-conditions.ts';
import type { ListArguments, QueryScope } from './scope.ts';
import { finish } from './shapes.ts';
import { type Order, parseSort } from './sort.ts';

/** Filter and order of the rows, and the page: the cursors it lies between, and its size from either end. */
export interface PageArguments extends Pick<ListArguments, 'filter' | 'search' | 'sort'> {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** One row and its position in the list. */
export interface RowWithCursor<Row> {
  readonly row: Row;
  /** Text that encodes the position; stays valid when the row is deleted. */
  readonly cursor: string;
}

export interface RowsPage<Row> {
  readonly rows: readonly RowWithCursor<Row>[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** Page size if neither the request nor the deployment specifies one. */
const defaultSize = 100;

/**
 * Reads these columns of one page of the matching rows. Pages are bounded by values of rows, so rows that are inserted
 * or deleted do not move other rows to another page.
 * @throws ServiceError FORBIDDEN for unknown and denied fields, INVALID_QUERY for any other invalid argument.
 */
export async function readPage<Row>(
  runner: QueryRunner,
  scope: QueryScope,
  columns: readonly string[],
  args: PageArguments,
): Promise<RowsPage<Row>> {
  const first = sizeOf(scope, 'first', args.first);
  const last = sizeOf(scope, 'last', args.last);
  // With both `first` and `last`, `last` is applied to the rows of `first`.
  const isBackward = first === undefined && last !== undefined;
  const size = first ?? last ?? pageSize(scope);
  const request = { columns, args, isBackward };
  const read = async (part: 'begin' | 'rest', limit: number) => {
    const { statement, orders, hasRest } = pageStatement(scope, { ...request, part, limit });
    return { rows: await runner.query<Readonly<Record<string, unknown>>>(statement), orders, hasRest };
  };
  // One extra row shows whether there is another page in the direction of reading.
  const begun = await read('begin', size + 1);
  const missing = size + 1 - begun.rows.length;
  const found = begun.hasRest && missing > 0 ? [...begun.rows, ...(await read('rest', missing)).rows] : begun.rows;
  const isMore = found.length > size;
  const kept = found.slice(0, size);
  if (isBackward) kept.reverse();
  const cut = first !== undefined && last !== undefined && kept.length > last ? kept.length - last : 0;
  return {
    rows: kept.slice(cut).map((row) => withCursor<Row>(begun.orders, row)),
    hasNext: isBackward ? isGiven(args.before) : isMore,
    hasPrevious: cut > 0 || (isBackward ? isMore : isGiven(args.after)),
  };
}

/** The default page size. */
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
  /** `rest`: the rows with null in the first sort key, which the range scan from the cursor does not reach. */
  readonly part: 'begin' | 'rest';
  readonly limit: number;
}

interface PageStatement {
  readonly statement: Sql;
  /** The order as requested, also when the page is read backward. */
  readonly orders: readonly Order[];
  readonly hasRest: boolean;
}

/** Selects the columns of a row, followed by its values for the sort keys, `k0 …`. */
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
  const start = begin && startAfter(draft, read, begin);
  if (start) conditions.push(part === 'rest' && start.rest ? start.rest : start.condition);
  draft.mark('@');
  if (end) conditions.push(rowsAfter(draft, reversed(read), end));
  const page = bindPage(draft, { limit, offset: 0 }, constantCursorLimits);
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

/** The cursor is encoded on access, because most cursors are not used. */
function withCursor<Row>(orders: readonly Order[], row: Readonly<Record<string, unknown>>): RowWithCursor<Row> {
  return {
    // The caller chose the columns and knows the resulting row type.
    row: row as Row,
    get cursor() {
      const position = orders.map((_order, index) => row[`k${index}`] ?? null) as unknown as Position;
      return encodePosition(orders, position);
    },
  };
}
