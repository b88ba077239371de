import { invalidQuery } from '../../errors.ts';
import { requireShortSearch } from '../../query/query-limits.ts';
import { escapeLike } from '../../query/text.ts';
import { isStorable } from '../../values.ts';
import { type InboxFilter, type ItemFilter, itemFiltersOf, requireUuids } from '../inbox-filter.ts';
import type { NotificationState } from '../states.ts';
import { unseenSql } from './fragments.ts';

/** Returns the parameter for a value. */
export type Bind = (value: unknown) => string;

/**
 * The filter as SQL conditions on a row `n`.
 * @param seenVersion SQL for the version up to which the recipient has seen the inbox
 * @throws ServiceError FAILED_VALIDATION for a malformed UUID; INVALID_QUERY for a search that is too long or cannot be
 * stored, or for deep nesting.
 */
export function filterConditions(filter: InboxFilter, bind: Bind, seenVersion: string): string[] {
  return itemFiltersOf(filter).flatMap((item) => conditionsOf(item, bind, seenVersion));
}

function conditionsOf(filter: ItemFilter, bind: Bind, seenVersion: string): string[] {
  const { states, saved, seen, read, templates, targets, categories, not } = filter;
  const search = filter.search?.trim();
  const unseen = () => unseenSql('n', seenVersion);
  const without = not ? conditionsOf(not, bind, seenVersion) : [];
  return [
    ...(states?.length ? statesCondition(new Set(states)) : []),
    ...(read === true ? ['n.read_at is not null'] : []),
    ...(read === false ? ['n.read_at is null'] : []),
    ...(saved === true ? ['n.saved_at is not null'] : []),
    ...(saved === false ? ['n.saved_at is null'] : []),
    ...(seen === true ? [`not (${unseen()})`] : []),
    ...(seen === false ? [unseen()] : []),
    ...(targets?.length ? [`n.targets @> ${bind(requireUuids('targets', targets))}::uuid[]`] : []),
    ...(templates?.length ? [`n.template_id = any(${bind(requireUuids('templates', templates))}::uuid[])`] : []),
    ...(categories?.length
      ? [`n.template_id in (select id from templates where category_key = any(${bind(categories)}::text[]))`]
      : []),
    ...(search ? [searchCondition(search, bind)] : []),
    // A condition on a missing value is neither true nor false.
    ...(not ? [`(${without.join(' and ') || 'true'}) is not true`] : []),
  ];
}

const archived = `n.status = 'archived'`;

function statesCondition(states: ReadonlySet<NotificationState>): string[] {
  const [isInbox, isSnoozed, isArchived] = [states.has('inbox'), states.has('snoozed'), states.has('archived')];
  if (isInbox && isSnoozed && isArchived) return [];
  const inArchive =
    isSnoozed && isArchived ? archived : `${archived} and n.snoozed_until is ${isSnoozed ? 'not ' : ''}null`;
  if (!isInbox) return [inArchive];
  return [isSnoozed || isArchived ? `(n.status = 'inbox' or ${inArchive})` : `n.status = 'inbox'`];
}

/** Whether subject or message contains the text, case-insensitive. */
export function searchCondition(text: string, bind: Bind): string {
  requireSearchable(text);
  const pattern = bind(`%${escapeLike(text)}%`);
  return `(n.subject ilike ${pattern} or n.message ilike ${pattern})`;
}

export function requireSearchable(text: string): void {
  requireShortSearch(text);
  if (!isStorable(text)) throw invalidQuery('"search" contains NUL or an unpaired surrogate');
}
