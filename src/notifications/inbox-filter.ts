import { failedValidation } from '../errors.ts';
import { parseUuid } from '../values.ts';
import type { Notification } from './model.ts';

export const readStatuses = ['all', 'read', 'unread'] as const;
export type ReadStatus = (typeof readStatuses)[number];

/** Which notifications of an inbox are meant. What is not given does not narrow. */
export interface InboxFilter {
  readonly read_status?: ReadStatus | null | undefined;
  /** Only notifications about all of these. */
  readonly targets?: readonly string[] | null | undefined;
  /** Only notifications of one of these templates. */
  readonly templates?: readonly string[] | null | undefined;
}

/*
 * The same filter twice, for rows in the database and for rows at hand: a list and the stream that follows it must
 * mean the same by it.
 */

/**
 * The filter as conditions on a row `n`, archived ones left out. @param bind gives the parameter of a value.
 * @throws ServiceError FAILED_VALIDATION for a malformed uuid.
 */
export function filterConditions(filter: InboxFilter, bind: (value: unknown) => string): string[] {
  const { read_status, targets, templates } = filter;
  return [
    `n.status = 'inbox'`,
    ...(read_status === 'read' ? ['n.read_at is not null'] : []),
    ...(read_status === 'unread' ? ['n.read_at is null'] : []),
    ...(targets?.length ? [`n.targets @> ${bind(uuids('targets', targets))}::uuid[]`] : []),
    ...(templates?.length ? [`n.template_id = any(${bind(uuids('templates', templates))}::uuid[])`] : []),
  ];
}

/**
 * Whether a row is one of those meant; archived ones are not.
 * @throws ServiceError FAILED_VALIDATION for a malformed uuid, when it is made.
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

function uuids(name: string, given: readonly string[]): string[] {
  return given.map((value) => {
    const uuid = parseUuid(value);
    if (uuid === null) throw failedValidation(name, 'uuid', 'every item must be a UUID');
    return uuid;
  });
}
