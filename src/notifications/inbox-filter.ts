import { failedValidation } from '../errors.ts';
import { parseUuid } from '../values.ts';
import type { Notification } from './model.ts';

export const readStatuses = ['all', 'read', 'unread'] as const;
export type ReadStatus = (typeof readStatuses)[number];

/** A filter on the notifications of an inbox. Omitted fields do not restrict. */
export interface InboxFilter {
  readonly read_status?: ReadStatus | null | undefined;
  /** Only notifications with all of these targets. */
  readonly targets?: readonly string[] | null | undefined;
  /** Only notifications of these templates. */
  readonly templates?: readonly string[] | null | undefined;
}

/* The same filter in SQL and in JavaScript: a list and the feed that follows it must select the same rows. */

/**
 * The filter as a predicate; excludes archived rows.
 * @throws ServiceError FAILED_VALIDATION for a malformed UUID, before any row is tested.
 */
export function filterPredicate(filter: InboxFilter): (row: Notification) => boolean {
  const { read_status } = filter;
  const targets = filter.targets?.length ? uuids('targets', filter.targets) : undefined;
  const templates = filter.templates?.length ? uuids('templates', filter.templates) : undefined;
  if ((read_status ?? 'all') === 'all' && !targets && !templates) return isInInbox;
  return (row) =>
    isInInbox(row) &&
    (read_status !== 'read' || row.read_at !== null) &&
    (read_status !== 'unread' || row.read_at === null) &&
    (targets === undefined || targets.every((target) => row.targets.includes(target))) &&
    (templates === undefined || (row.template_id !== null && templates.includes(row.template_id)));
}

function isInInbox({ status }: Notification): boolean {
  return status === 'inbox';
}

export function uuids(name: string, given: readonly string[]): string[] {
  return given.map((value) => {
    const uuid = parseUuid(value);
    if (uuid === null) throw failedValidation(name, 'uuid', 'every item must be a UUID');
    return uuid;
  });
}
