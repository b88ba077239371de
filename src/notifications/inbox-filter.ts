import { failedValidation, invalidQuery } from '../errors.ts';
import { parseUuid } from '../values.ts';
import type { Notification } from './model.ts';
import { type NotificationState, stateOf } from './states.ts';

export const readStatuses = ['all', 'read', 'unread'] as const;
export type ReadStatus = (typeof readStatuses)[number];

/** Conditions on a notification, all of which must hold. Omitted fields and empty lists do not restrict. */
export interface ItemFilter {
  /** The states of which it has one. Outside `not`, the default is `inbox`. */
  readonly states?: readonly NotificationState[] | null | undefined;
  readonly saved?: boolean | null | undefined;
  readonly seen?: boolean | null | undefined;
  readonly read?: boolean | null | undefined;
  /** The templates of which it has one. */
  readonly templates?: readonly string[] | null | undefined;
  /** The targets of which it has all. */
  readonly targets?: readonly string[] | null | undefined;
  /** The keys of the categories of which its template has one. */
  readonly categories?: readonly string[] | null | undefined;
  /** Text in the subject or the message, case-insensitive. */
  readonly search?: string | null | undefined;
  readonly not?: ItemFilter | null | undefined;
}

/** A filter on the notifications of an inbox. Omitted fields do not restrict. */
export interface InboxFilter {
  readonly read_status?: ReadStatus | null | undefined;
  /** Only notifications with all of these targets. */
  readonly targets?: readonly string[] | null | undefined;
  /** Only notifications of these templates. */
  readonly templates?: readonly string[] | null | undefined;
  readonly filter?: ItemFilter | null | undefined;
}

/** Maximum number of `not` inside each other. */
const nestingMax = 5;

/** The conditions of a filter as one, with the default of `states`. @throws ServiceError INVALID_QUERY for deep nesting. */
export function itemFiltersOf({ read_status, targets, templates, filter }: InboxFilter): readonly ItemFilter[] {
  let depth = 0;
  for (let inner = filter; inner; inner = inner.not) {
    depth += 1;
    if (depth > nestingMax + 1) throw invalidQuery(`"not" may be nested ${nestingMax} times`);
  }
  const read = read_status === 'read' ? true : read_status === 'unread' ? false : undefined;
  const states = filter?.states?.length ? filter.states : (['inbox'] as const);
  return [{ states, read, targets, templates }, ...(filter ? [{ ...filter, states: undefined }] : [])];
}

type Predicate = (row: Notification) => boolean;

/**
 * The filter as a predicate. It must select the same rows as `filterConditions` in `sql/inbox-conditions.ts`, because a
 * feed continues the list that a client has read.
 * @throws ServiceError FAILED_VALIDATION for a malformed UUID, before any row is tested; INVALID_QUERY for a condition
 * that depends on more than the notification.
 */
export function filterPredicate(filter: InboxFilter): Predicate {
  const tests = itemFiltersOf(filter).flatMap(testsOf);
  const [only] = tests;
  return only && tests.length === 1 ? only : allOf(tests);
}

function allOf(tests: readonly Predicate[]): Predicate {
  return (row) => tests.every((test) => test(row));
}

function testsOf({ states, saved, read, seen, search, categories, not, ...ids }: ItemFilter): Predicate[] {
  for (const [name, value] of Object.entries({ seen, search: search?.trim() || null, categories })) {
    if (value !== null && value !== undefined) throw invalidQuery(`changes cannot be filtered by "${name}"`);
  }
  const targets = ids.targets?.length ? requireUuids('targets', ids.targets) : undefined;
  const templates = ids.templates?.length ? requireUuids('templates', ids.templates) : undefined;
  const without = not && allOf(testsOf(not));
  return [
    ...(states?.length ? [(row: Notification) => states.includes(stateOf(row))] : []),
    ...(isGiven(read) ? [(row: Notification) => (row.read_at !== null) === read] : []),
    ...(isGiven(saved) ? [(row: Notification) => (row.saved_at !== null) === saved] : []),
    ...(targets ? [(row: Notification) => targets.every((target) => row.targets.includes(target))] : []),
    ...(templates ? [(row: Notification) => row.template_id !== null && templates.includes(row.template_id)] : []),
    ...(without ? [(row: Notification) => !without(row)] : []),
  ];
}

function isGiven(value: boolean | null | undefined): value is boolean {
  return value !== null && value !== undefined;
}

/** Parses a list of UUIDs. @throws ServiceError FAILED_VALIDATION of the field `name` for a malformed one. */
export function requireUuids(name: string, given: readonly string[]): string[] {
  return given.map((value) => {
    const uuid = parseUuid(value);
    if (uuid === null) throw failedValidation(name, 'uuid', 'every item must be a UUID');
    return uuid;
  });
}
