import { v7 as newUuid } from 'uuid';
import { checkBatch } from '../checks.ts';
import { forbidden, invalidPayload } from '../errors.ts';
import { coerce } from '../query/coerce.ts';
import { parseUuid } from '../values.ts';
import { assertMayDelete, inboxOwner } from './access.ts';
import type { WriteContext } from './context.ts';
import { type InboxAction, type InboxOperation, undoMs } from './inbox-actions.ts';
import { type ItemFilter, itemFiltersOf } from './inbox-filter.ts';
import { notificationKey } from './input.ts';
import type { VersionRange } from './ranges.ts';
import { changeInbox as changeStatement, type InboxSelection, undoableMax } from './sql/change-inbox.ts';

/** A bulk action on notifications of the viewer's own inbox: those with `ids`, or all up to a version. */
export interface InboxChange {
  readonly action: InboxAction;
  /** Integer keys or UUIDs. */
  readonly ids?: readonly string[] | null | undefined;
  /** The version of the inbox in the page that the viewer has seen. */
  readonly allUpTo?: number | undefined;
  readonly filter?: ItemFilter | null | undefined;
  /** The end of a snooze, in ISO 8601. */
  readonly until?: string | null | undefined;
}

/**
 * Changes notifications of the viewer's own inbox in one transaction. Rows that are already as the action leaves them,
 * are unknown, or belong to another recipient are skipped; so is, of `allUpTo`, what came after that version. A snooze
 * ends by itself at `until`; a notification returned by hand stays as it was. Deleting cannot be undone.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers; FORBIDDEN without the right, or for `delete` without
 * the right to delete; INVALID_PAYLOAD for contradictory or invalid input; FAILED_VALIDATION and INVALID_QUERY for an
 * invalid filter.
 */
export async function changeInbox(context: WriteContext, change: InboxChange): Promise<InboxOperation> {
  const { prisma, bus, viewer, limits } = context;
  const { id: recipient } = inboxOwner(viewer, 'update');
  const { action } = change;
  if (action === 'delete') assertMayDelete(viewer);
  const now = context.now();
  const until = snoozeEnd(change, now);
  const selectionAt = selectionOf(change, limits.batchMax);
  const id = newUuid();
  const { changed, skipped, base, version, ids } = await prisma.$statements(async (transaction) => {
    const [inbox] = await transaction.inbox.lock(recipient);
    if (inbox === undefined) return nothing;
    const selection = selectionAt(inbox.seen_version);
    const [done] = await transaction.inbox.change(changeStatement({ id, recipient, action, until, now, selection }));
    return done ?? nothing;
  });
  publish(bus, recipient, { base, version, ids }, action === 'delete' ? 'deleted' : 'updated');
  const isUndoable = action !== 'delete' && changed > 0 && changed <= undoableMax;
  const named = change.ids ? new Set(change.ids).size - changed : skipped;
  return {
    id,
    action,
    undoes: null,
    changed,
    skipped: named,
    undoableUntil: isUndoable ? new Date(now.getTime() + undoMs).toISOString() : null,
  };
}

/**
 * Undoes a bulk action of the viewer within ten minutes: restores the notifications that nobody has changed since. The
 * undo is an operation, too, and can be undone.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers; FORBIDDEN without the right, and for an operation that
 * is unknown, of another recipient, too old or undone.
 */
export async function undoInboxOperation(
  { prisma, bus, viewer, now: clock }: WriteContext,
  operation: string,
): Promise<InboxOperation> {
  const { id: recipient } = inboxOwner(viewer, 'update');
  const uuid = parseUuid(operation);
  if (uuid === null) throw notUndoable();
  const now = clock();
  const id = newUuid();
  const since = new Date(now.getTime() - undoMs);
  const undone = await prisma.$statements(async ({ inbox }) => {
    await inbox.lock(recipient);
    const [done] = await inbox.undo({ operation: uuid, recipient, id, now, since });
    return done;
  });
  if (undone === undefined) throw notUndoable();
  publish(bus, recipient, undone, 'updated');
  const { action, changed, skipped } = undone;
  const undoableUntil = changed > 0 ? new Date(now.getTime() + undoMs).toISOString() : null;
  return { id, action, undoes: uuid, changed, skipped, undoableUntil };
}

const nothing = { changed: 0, skipped: 0, base: null, version: null, ids: null };

const notUndoable = () =>
  forbidden('This operation cannot be undone: it does not exist, was undone, or is older than ten minutes');

interface Taken {
  readonly base: number | null;
  readonly version: number | null;
  readonly ids: readonly number[] | null;
}

function publish(
  bus: WriteContext['bus'],
  recipient: string,
  { base, version, ids }: Taken,
  what: keyof Pick<VersionRange, 'updated' | 'deleted'>,
): void {
  if (base !== null && version !== null) bus.publish([{ recipient, from: base, to: version, [what]: ids ?? [] }]);
}

/** Checks which notifications are meant. Returns a function that adds the version up to which the inbox was seen. */
function selectionOf(change: InboxChange, most: number): (seenVersion: number) => InboxSelection {
  const { ids, allUpTo, filter } = change;
  const isAll = allUpTo !== undefined;
  if (isAll === (ids !== null && ids !== undefined)) throw invalidPayload('give either "ids" or "all_up_to"');
  if (isAll) {
    itemFiltersOf({ filter });
    return (seenVersion) => ({ filter: filter ?? undefined, upTo: allUpTo, seenVersion });
  }
  if (filter) throw invalidPayload('"filter" needs "all_up_to"');
  const given = [...new Set(ids)];
  checkBatch(given.length, most);
  const found = given.map((id) => parseUuid(id));
  const uuids = found.filter((uuid) => uuid !== null);
  const keys = given.filter((_, index) => found[index] === null).map(notificationKey);
  return () => ({ ids: keys, uuids });
}

/** The end of a snooze; undefined for other actions. @throws ServiceError INVALID_PAYLOAD naming `until` */
function snoozeEnd({ action, until }: InboxChange, now: Date): string | undefined {
  const isGiven = until !== null && until !== undefined;
  if (action !== 'snooze') {
    if (isGiven) throw invalidPayload('"until" belongs to the action "snooze"');
    return undefined;
  }
  if (!isGiven) throw invalidPayload('the action "snooze" needs "until"');
  const end = coerce('timestamp', until);
  if (end === undefined) throw invalidPayload('"until" must be an ISO 8601 date and time');
  if (new Date(String(end)) <= now) throw invalidPayload('"until" must be in the future');
  return String(end);
}
