import type { Sql } from '../../database/sql.ts';
import { cacheTexts } from '../../database/statement-name.ts';
import { failedValidation, invalidQuery } from '../../errors.ts';
import { parseUuid, parseWholeNumber } from '../../values.ts';
import type { InboxFilter } from '../inbox-filter.ts';
import type { Figures } from '../states.ts';
import { figuresSql } from './fragments.ts';
import { filterConditions, searchCondition } from './inbox-conditions.ts';

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
/** Maximum number of cached statements, of 3 KB each. */
const statementsMax = 200;
const textOf = cacheTexts(statementsMax);

/**
 * The statement of `readInbox`: page, counts and version from one snapshot, so that a feed follows from the page
 * without a gap. The SQL is composed, because callers choose the columns and filters. An inbox yields at least one
 * row, so that an empty page still has its counts. Rows without a timestamp count as the oldest; they are read
 * separately, so that the others are read in index order, up to the end of the page. Planning takes PostgreSQL longer
 * than reading a page, so a statement that is repeated gets a name, unless its best plan depends on the values of a
 * filter.
 * @param candidates keys of the rows that may match the search; undefined: any row
 * @param figures which figures to count
 */
export function inboxStatement(
  recipient: string,
  columns: readonly string[],
  args: InboxArguments,
  now: Date,
  candidates?: readonly number[],
  figures: readonly (keyof Figures)[] = [],
): Sql {
  const values: unknown[] = [recipient, limitOf(args.limit)];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const unfilteredCount = values.length;
  // A parameter instead of the inbox's column: the planner then knows how many rows the recipient has.
  const conditions = ['n.recipient_id = $1::uuid', ...filterConditions(args, bind, 'inbox.seen_version')];
  const search = args.search?.trim();
  if (search) conditions.push(searchCondition(search, bind));
  if (candidates) conditions.push(`n.id = any(${bind(candidates)}::bigint[])`);
  const isPlannedOnce = values.length === unfilteredCount;
  const latest = args.until_now ? `${bind(now.toISOString())}::timestamptz` : undefined;
  const bound = boundOf(args.starting_before, latest, bind);
  const compose = () => textWith({ columns, conditions, bound, figures });
  if (!isPlannedOnce) return { text: compose(), values, owner: recipient };
  const key = [columns.join(), figures.join(), conditions.join(' and '), bound ?? ''].join('|');
  return { ...textOf(key, compose), values, owner: recipient };
}

/** The parts of the statement that depend on the arguments. */
interface PageParts {
  readonly columns: readonly string[];
  readonly conditions: readonly string[];
  readonly bound: string | undefined;
  readonly figures: readonly (keyof Figures)[];
}

function textWith({ columns, conditions, bound, figures }: PageParts): string {
  const part = (time: string, isTimed: string) => `
          select ${columns.map((column) => `n.${column}`).join(', ')}, true as is_row, n.timestamp as sort_time, n.id as sort_id
          from notifications n
          where ${[isTimed, ...conditions, ...(bound ? [`(${time}, n.id) < ${bound}`] : [])].join(' and ')}`;
  return `
      select inbox.unread as inbox_unread, inbox.total as inbox_total, inbox.version as inbox_version,
             inbox.seen_version as inbox_seen, ${figures.map((name) => `figures.inbox_${name}, `).join('')}page.*
      from inboxes inbox${countedOnce(figures)}
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
      order by page.sort_time desc nulls last, page.sort_id desc`;
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

/** A join that counts the figures once, not for each row. */
function countedOnce(figures: readonly (keyof Figures)[]): string {
  if (figures.length === 0) return '';
  const counts = figuresSql('$1::uuid', 'inbox.seen_version');
  const columns = figures.map((name) => `${counts[name]} as inbox_${name}`);
  // Without OFFSET, the planner would move the counts to where the rows are returned.
  return `
      cross join lateral (select ${columns.join(', ')} offset 0) figures`;
}

function limitOf(limit: number | null | undefined): number {
  if (limit === null || limit === undefined) return pageSize;
  if (limit >= 0 && limit <= maxPageSize) return limit;
  throw invalidQuery(`"limit" must be between 0 and ${maxPageSize}`);
}
