import { failedValidation, forbidden, type ServiceError, throwAll, valueOutOfRange, valueTooLong } from '../errors.ts';
import { coerce } from '../query/coerce.ts';
import { isLongerThan, isStorable, parseUuid, parseWholeNumber } from '../values.ts';
import { type NotificationId, notificationsCollection, type Status, statuses, textLimits } from './model.ts';

/** A notification as a caller writes it. An absent field takes its default. */
export interface NewNotification {
  readonly id?: number | string | null | undefined;
  /** Checked to be a date, then ignored: the time of a notification is the server's. */
  readonly timestamp?: string | null | undefined;
  readonly status?: string | null | undefined;
  readonly recipient?: string | null | undefined;
  readonly sender?: string | null | undefined;
  /** Absent: the first line of `message`, at most 255 characters. */
  readonly subject?: string | null | undefined;
  readonly message?: string | null | undefined;
  readonly collection?: string | null | undefined;
  readonly item?: string | null | undefined;
}

/**
 * What to change; an absent field stays as it is. `id` is ignored for admins and refused to members; another
 * `recipient` moves the notification to that inbox.
 */
export type NotificationChange = Partial<NewNotification>;

/** A new notification that may be stored: checked, defaults filled in, uuids in lower case. */
export interface CheckedNotification {
  readonly id: NotificationId | null;
  readonly recipient: string;
  readonly sender: string | null;
  readonly status: Status;
  readonly subject: string;
  readonly message: string | null;
  readonly collection: string | null;
  readonly item: string | null;
}

/** A checked change: only the fields to be written, by their wire names. */
export interface CheckedChange {
  timestamp?: string | null;
  status?: Status;
  recipient?: string;
  sender?: string | null;
  subject?: string;
  message?: string | null;
  collection?: string | null;
  item?: string | null;
}

const name = notificationsCollection.name;
const largestId = Number.MAX_SAFE_INTEGER;

/**
 * The key of a notification as callers write it: `1`, `"1"` and `"1.0"` are one key, see `parseWholeNumber`.
 * @throws ServiceError FORBIDDEN for anything that cannot be a key, as for a key that does not exist.
 */
export function notificationKey(value: unknown): NotificationId {
  const key = parseWholeNumber(value);
  if (key === null || key < 1 || key > largestId) throw forbidden();
  return key;
}

/**
 * Checks one new notification.
 * @throws ServiceError every fault of the item together, one for each faulty field.
 */
export function checkNew(item: NewNotification): CheckedNotification {
  const faults: ServiceError[] = [];
  const id = item.id === undefined || item.id === null ? null : givenId(item.id, faults);
  refuseUnknown(item, faults);
  if (item.timestamp !== undefined && item.timestamp !== null) checkTimestamp(item.timestamp, faults);
  const message = text('message', item.message ?? null, faults);
  const checked = {
    id,
    recipient: required('recipient', item.recipient, faults) ? uuid('recipient', item.recipient, faults) : null,
    sender: uuid('sender', item.sender ?? null, faults),
    status: item.status === undefined ? ('inbox' as const) : status(item.status, faults),
    subject: subjectOf(item, message, faults),
    message,
    collection: text('collection', item.collection ?? null, faults, textLimits.collection),
    item: text('item', item.item ?? null, faults, textLimits.item),
  };
  throwAll(faults);
  // Without a fault, what is required is there.
  return checked as CheckedNotification;
}

/**
 * Checks one change; `id` is left out.
 * @throws ServiceError every fault of the change together, one for each faulty field.
 */
export function checkChange(change: NotificationChange): CheckedChange {
  const faults: ServiceError[] = [];
  refuseUnknown(change, faults);
  const checked: { [Field in keyof CheckedChange]: CheckedChange[Field] | null } = {};
  const { timestamp, recipient, sender, subject, message, collection, item } = change;
  if (timestamp !== undefined) checked.timestamp = timestamp === null ? null : checkTimestamp(timestamp, faults);
  if (change.status !== undefined) checked.status = status(change.status, faults);
  if (recipient !== undefined && required('recipient', recipient, faults)) {
    checked.recipient = uuid('recipient', recipient, faults);
  }
  if (sender !== undefined) checked.sender = uuid('sender', sender, faults);
  if (subject !== undefined && required('subject', subject, faults)) {
    checked.subject = text('subject', subject, faults, textLimits.subject);
  }
  if (message !== undefined) checked.message = text('message', message, faults);
  if (collection !== undefined) checked.collection = text('collection', collection, faults, textLimits.collection);
  if (item !== undefined) checked.item = text('item', item, faults, textLimits.item);
  throwAll(faults);
  // Without a fault, null stands only where the field takes it.
  return checked as CheckedChange;
}

const known: ReadonlySet<string> = new Set<keyof NewNotification>([
  ...(['id', 'timestamp', 'status', 'recipient', 'sender', 'subject', 'message', 'collection', 'item'] as const),
]);

function refuseUnknown(item: object, faults: ServiceError[]): void {
  for (const field of Object.keys(item)) {
    if (!known.has(field)) faults.push(failedValidation(field, 'unknown', `"${name}" has no such field`));
  }
}

function givenId(value: unknown, faults: ServiceError[]): NotificationId | null {
  const id = parseWholeNumber(value);
  // The reference answers a key that is no integer like a key that does not exist.
  if (id === null) faults.push(forbidden());
  else if (id < 1 || id > largestId) faults.push(valueOutOfRange(name, 'id', value));
  return id;
}

function required(field: string, value: unknown, faults: ServiceError[]): boolean {
  if (value === undefined) faults.push(failedValidation(field, 'required', 'a value is required'));
  else if (value === null) faults.push(failedValidation(field, 'nnull', 'it cannot be null'));
  return value !== undefined && value !== null;
}

function subjectOf(item: NewNotification, message: string | null, faults: ServiceError[]): string | null {
  if (item.subject === undefined) {
    const line = message?.split(/\r\n|\r|\n/, 1)[0]?.trim();
    if (line) return firstCharacters(line, textLimits.subject);
  }
  return required('subject', item.subject, faults) ? text('subject', item.subject, faults, textLimits.subject) : null;
}

/** Cuts by code point, so that no surrogate pair is torn apart. */
function firstCharacters(line: string, count: number): string {
  return [...line.slice(0, 2 * count)].slice(0, count).join('');
}

function checkTimestamp(value: unknown, faults: ServiceError[]): string | null {
  const time = typeof value === 'string' ? coerce('timestamp', value) : undefined;
  if (typeof time === 'string') return time;
  faults.push(failedValidation('timestamp', 'date', 'it is no ISO-8601 date and time'));
  return null;
}

function status(value: unknown, faults: ServiceError[]): Status | null {
  const found = statuses.find((known) => known === value);
  if (found !== undefined) return found;
  const type = value === null ? 'nnull' : 'in';
  faults.push(failedValidation('status', type, `it must be one of ${statuses.join(', ')}`, { valid: statuses }));
  return null;
}

function uuid(field: string, value: unknown, faults: ServiceError[]): string | null {
  if (value === null) return null;
  const key = parseUuid(value);
  if (key === null) faults.push(failedValidation(field, 'uuid', 'it is no uuid'));
  return key;
}

/** Numbers and booleans are taken as their text, as the reference does. */
function text(field: string, value: unknown, faults: ServiceError[], limit?: number): string | null {
  if (value === null) return null;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    faults.push(failedValidation(field, 'string', 'it is no text'));
    return null;
  }
  const given = String(value);
  if (!isStorable(given)) faults.push(failedValidation(field, 'string', 'it holds characters that no text can hold'));
  else if (limit !== undefined && isLongerThan(given, limit)) faults.push(valueTooLong(name, field, given));
  return given;
}
