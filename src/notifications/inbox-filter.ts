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

/**
 * The filter as a predicate; excludes archived rows. It must select the same rows as `filterConditions` in
 * `sql/inbox-page.ts`, because a feed continues the list that a client has read.
 * @throws ServiceError FAILED_VALIDATION for a malformed UUID, before any row is tested.
 */
export function filterPredicate(filter: InboxFilter): (row: Notification) => boolean {
  const { read_status } = filter;
  const targets = filter.targets?.length ? requireUuids('targets', filter.targets) : undefined;
  const templates = filter.templates?.length ? requireUuids('templates', filter.templates) : undefined;
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

/** Parses a list of UUIDs. @throws ServiceError FAILED_VALIDATION of the field `name` for a malformed one. */
export function requireUuids(name: string, given: readonly string[]): string[] {
  return given.map((value) => {
    const uuid = parseUuid(value);
    if (uuid === null) throw failedValidation(name, 'uuid', 'every item must be a UUID');
    return uuid;
  });
}
