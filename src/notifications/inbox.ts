import type { Context } from '../context.ts';
import type { Sql } from '../database/sql.ts';
import { failedValidation, invalidQuery, noToken } from '../errors.ts';
import { candidatesFor } from '../query/candidates.ts';
import { requireShortSearch } from '../query/effort.ts';
import { escapeLike } from '../query/text.ts';
import { isStorable, parseUuid, parseWholeNumber } from '../values.ts';
import { filterConditions, type InboxFilter } from './inbox-filter.ts';
import type { Notification } from './model.ts';
import { findTexts } from './texts/find.ts';

/** Which part of an inbox to read. What is not given does not narrow. */
export interface InboxArguments extends InboxFilter {
  /** Text that the subject or the message holds, whatever its case. */
  readonly search?: string | null | undefined;
  /** The uuid or integer key of the last notification of the page before; an unknown one starts at the front. */
  readonly starting_before?: string | null | undefined;
  /** Whether what is stamped in the future is left out, as long as `starting_before` names nothing. */
  readonly until_now?: boolean | null | undefined;
  /** Most rows; 25 when not given, at most 1000. */
  readonly limit?: number | null | undefined;
}

/** A page of an inbox and the figures of all of it, as they were at one moment. */
export interface Inbox {
  readonly recipient: string;
  readonly notifications: readonly Notification[];
  /** Those in the inbox that are not read; no argument narrows it. */
  readonly unread: number;
  /** Those in the inbox. */
  readonly total: number;
  /** The version of the inbox that the page was read at. */
  readonly version: number;
}

const pageSize = 25;
const largestPage = 1000;
/** Above every key. */
const anyKey = '9223372036854775807';

/**
 * The viewer's own inbox, newest first, in one statement: page, counts and version belong together.
 * Archived notifications are not in it.
 * @throws ServiceError INVALID_CREDENTIALS for the anonymous; FAILED_VALIDATION for a malformed uuid; INVALID_QUERY
 * for a limit out of bounds or a text that cannot be stored.
 */
export async function readInbox(
  { db, viewer, now }: Pick<Context, 'db' | 'viewer' | 'now'>,
  columns: readonly string[],
  args: InboxArguments,
): Promise<Inbox> {
  if (viewer.kind === 'anonymous') throw noToken();
  type Row = Notification & { inbox_unread: number; inbox_total: number; inbox_version: number; is_row: true | null };
  const search = args.search?.trim();
  if (search) requireSearchable(search);
  const among = search ? await candidatesFor(db, findTexts, search, viewer.id) : undefined;
  const rows = await db.query<Row>(inboxStatement(viewer.id, columns, args, now(), among));
  const [first] = rows;
  return {
    recipient: viewer.id,
    notifications: rows.filter(({ is_row }) => is_row),
    unread: first?.inbox_unread ?? 0,
    total: first?.inbox_total ?? 0,
    version: first?.inbox_version ?? 0,
  };
}

/**
 * The statement behind `readInbox`; `among` are the keys that an index of texts knows for what is searched. The inbox gives one row at least, so an empty page still has its figures.
 * Rows without a time are the oldest. They are read apart: those with one are then read by their index, in its order,
 * and no further than the page goes.
 */
export function inboxStatement(
  recipient: string,
  columns: readonly string[],
  args: InboxArguments,
  now: Date,
  among?: readonly number[],
): Sql {
  const values: unknown[] = [recipient, limitOf(args.limit)];
  const bind = (value: unknown) => `$${values.push(value)}`;
  // The value rather than the inbox's column: how many rows it has is then known to who plans.
  const conditions = ['n.recipient_id = $1::uuid', ...filterConditions(args, bind)];
  const search = args.search?.trim();
  if (search) {
    requireSearchable(search);
    const pattern = bind(`%${escapeLike(search)}%`);
    conditions.push(`(n.subject ilike ${pattern} or n.message ilike ${pattern})`);
    if (among) conditions.push(`n.id = any(${bind(among)}::bigint[])`);
  }
  const latest = args.until_now ? `${bind(now.toISOString())}::timestamptz` : undefined;
  const bound = boundOf(args.starting_before, latest, bind);
  const part = (place: string, isTimed: string) => `
          select ${columns.map((column) => `n.${column}`).join(', ')}, true as is_row, n.timestamp as place, n.id as tie
          from notifications n
          where ${[isTimed, ...conditions, ...(bound ? [`(${place}, n.id) < ${bound}`] : [])].join(' and ')}`;
  return {
    text: `
      select inbox.unread as inbox_unread, inbox.total as inbox_total, inbox.version as inbox_version, page.*
      from inboxes inbox
      left join lateral (
        (${part('n.timestamp', 'n.timestamp is not null')}
          order by n.timestamp desc, n.id desc limit $2)
        union all
        (${part(`'-infinity'::timestamptz`, 'n.timestamp is null')}
          order by n.id desc limit $2)
        order by place desc nulls last, tie desc
        limit $2
      ) page on true
      where inbox.recipient_id = $1::uuid
      order by page.place desc nulls last, page.tie desc`,
    values,
    owner: recipient,
  };
}

/**
 * The time and key that a page stays below: those of the notification it starts before. One that is not the
 * recipient's own is as good as none, which leaves the latest time, if there is one.
 */
function boundOf(
  key: string | null | undefined,
  latest: string | undefined,
  bind: (value: unknown) => string,
): string | undefined {
  if (!key) return latest && `(${latest}, ${anyKey})`;
  const uuid = parseUuid(key);
  const integer = parseWholeNumber(key);
  if (uuid === null && (integer === null || !Number.isSafeInteger(integer)))
    throw failedValidation('starting_before', 'key', 'it must be a uuid or an integer key');
  const named = uuid === null ? `c.id = ${bind(integer)}::bigint` : `c.uuid = ${bind(uuid)}::uuid`;
  const own = `from notifications c where ${named} and c.recipient_id = $1::uuid`;
  return `(
            coalesce((select coalesce(c.timestamp, '-infinity') ${own}), ${latest ?? `'infinity'`}),
            coalesce((select c.id ${own}), ${anyKey}))`;
}

function limitOf(limit: number | null | undefined): number {
  if (limit === null || limit === undefined) return pageSize;
  if (limit >= 0 && limit <= largestPage) return limit;
  throw invalidQuery(`"limit" must be between 0 and ${largestPage}`);
}

function requireSearchable(text: string): void {
  requireShortSearch(text);
  if (!isStorable(text)) throw invalidQuery('"search" holds a NUL character or half of a surrogate pair');
}
