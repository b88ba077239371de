import type { Sql } from '../../database/sql.ts';
import { failedValidation, invalidQuery } from '../../errors.ts';
import { requireShortSearch } from '../../query/query-limits.ts';
import { escapeLike } from '../../query/text.ts';
import { isStorable, parseUuid, parseWholeNumber } from '../../values.ts';
import { type InboxFilter, requireUuids } from '../inbox-filter.ts';

/** Which part of an inbox to read. Omitted fields do not restrict. */
export interface InboxArguments extends InboxFilter {
  /** Text contained in subject or message, case-insensitive. */
  readonly search?: string | null | undefined;
  /** UUID or integer key of the last notification of the previous page; with an unknown key, the first page is read. */
  readonly starting_before?: string | null | undefined;
  /** Whether notifications with a future timestamp are left out; applies without a valid `starting_before`. */
  readonly until_now?: boolean | null | undefined;
  /** Maximum number of rows; default 25, at most 1000. */
  readonly limit?: number | null | undefined;
}

const pageSize = 25;
const maxPageSize = 1000;
/** The largest bigint, which is greater than every key. */
const anyKey = '9223372036854775807';

/**
 * The statement of `readInbox`: page, counts and version from one snapshot, so that a feed follows from the page
 * without a gap. The SQL is composed, because callers choose the columns and filters. An inbox yields at least one
 * row, so that an empty page still has its counts. Rows without a timestamp count as the oldest; they are read
 * separately, so that the others are read in index order, up to the end of the page.
 * @param candidates keys of the rows that may match the search; undefined: any row
 */
export function inboxStatement(
  recipient: string,
  columns: readonly string[],
  args: InboxArguments,
  now: Date,
  candidates?: readonly number[],
): Sql {
  const values: unknown[] = [recipient, limitOf(args.limit)];
  const bind = (value: unknown) => `$${values.push(value)}`;
  // A parameter instead of the inbox's column: the planner then knows how many rows the recipient has.
  const conditions = ['n.recipient_id = $1::uuid', ...filterConditions(args, bind)];
  const search = args.search?.trim();
  if (search) {
    requireSearchable(search);
    const pattern = bind(`%${escapeLike(search)}%`);
    conditions.push(`(n.subject ilike ${pattern} or n.message ilike ${pattern})`);
    if (candidates) conditions.push(`n.id = any(${bind(candidates)}::bigint[])`);
  }
  const latest = args.until_now ? `${bind(now.toISOString())}::timestamptz` : undefined;
  const bound = boundOf(args.starting_before, latest, bind);
  const part = (time: string, isTimed: string) => `
          select ${columns.map((column) => `n.${column}`).join(', ')}, true as is_row, n.timestamp as sort_time, n.id as sort_id
          from notifications n
          where ${[isTimed, ...conditions, ...(bound ? [`(${time}, n.id) < ${bound}`] : [])].join(' and ')}`;
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
        order by sort_time desc nulls last, sort_id desc
        limit $2
      ) page on true
      where inbox.recipient_id = $1::uuid
      order by page.sort_time desc nulls last, page.sort_id desc`,
    values,
    owner: recipient,
  };
}

/**
 * The timestamp and key below which the page starts: those of `starting_before`. A notification of another recipient
 * counts as unknown; the page then starts at `latest`, if that is given.
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
    throw failedValidation('starting_before', 'key', 'must be a UUID or an integer key');
  const named = uuid === null ? `c.id = ${bind(integer)}::bigint` : `c.uuid = ${bind(uuid)}::uuid`;
  const own = `from notifications c where ${named} and c.recipient_id = $1::uuid`;
  return `(
            coalesce((select coalesce(c.timestamp, '-infinity') ${own}), ${latest ?? `'infinity'`}),
            coalesce((select c.id ${own}), ${anyKey}))`;
}

function limitOf(limit: number | null | undefined): number {
  if (limit === null || limit === undefined) return pageSize;
  if (limit >= 0 && limit <= maxPageSize) return limit;
  throw invalidQuery(`"limit" must be between 0 and ${maxPageSize}`);
}

export function requireSearchable(text: string): void {
  requireShortSearch(text);
  if (!isStorable(text)) throw invalidQuery('"search" contains NUL or an unpaired surrogate');
}

/**
 * The filter as SQL conditions on a row `n`; excludes archived rows. @param bind returns the parameter for a value.
 * @throws ServiceError FAILED_VALIDATION for a malformed UUID.
 */
function filterConditions(filter: InboxFilter, bind: (value: unknown) => string): string[] {
  const { read_status, targets, templates } = filter;
  return [
    `n.status = 'inbox'`,
    ...(read_status === 'read' ? ['n.read_at is not null'] : []),
    ...(read_status === 'unread' ? ['n.read_at is null'] : []),
    ...(targets?.length ? [`n.targets @> ${bind(requireUuids('targets', targets))}::uuid[]`] : []),
    ...(templates?.length ? [`n.template_id = any(${bind(requireUuids('templates', templates))}::uuid[])`] : []),
  ];
}
