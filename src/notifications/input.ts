import { z } from 'zod';
import { checker, fault, omitUndefined, oneOf, read, rule, text } from '../checks.ts';
import { forbidden, valueOutOfRange } from '../errors.ts';
import { coerce } from '../query/coerce.ts';
import { userKey } from '../user-keys/input.ts';
import { parseWholeNumber } from '../values.ts';
import { type NotificationId, notificationsCollection, statuses, textLimits } from './model.ts';

const maxId = Number.MAX_SAFE_INTEGER;

// As in Directus, a key that is not an integer is treated like an unknown key.
const id = read(
  parseWholeNumber,
  fault(() => forbidden()),
).refine((key) => key >= 1 && key <= maxId, fault(valueOutOfRange));
const time = read(
  (value) => (typeof value === 'string' ? coerce('timestamp', value) : undefined)?.toString(),
  rule('date', 'must be an ISO 8601 date and time'),
);

const fields = {
  timestamp: time.nullable(),
  status: oneOf(statuses),
  recipient: userKey(),
  sender: userKey().nullable(),
  subject: text(textLimits.subject),
  message: text().nullable(),
  collection: text(textLimits.collection).nullable(),
  item: text(textLimits.item).nullable(),
};

/** What happens to a notification that expires. */
export const expiryActions = ['archive', 'delete'] as const;

const New = z.strictObject({
  id: id.nullable().default(null),
  /** Validated, then ignored: the server sets the time of a notification. */
  timestamp: fields.timestamp.optional(),
  message: fields.message.default(null),
  recipient: fields.recipient,
  sender: fields.sender.default(null),
  status: fields.status.default('inbox'),
  subject: fields.subject,
  collection: fields.collection.default(null),
  item: fields.item.default(null),
  expires_at: time.nullable().default(null),
  on_expiry: oneOf(expiryActions)
    .nullish()
    .transform((action) => action ?? 'archive'),
});
/** A new notification whose subject is taken from its message. */
const Untitled = New.extend({ subject: z.undefined().optional() });
const Change = z.strictObject({ id: z.unknown(), ...fields }).partial();

/** Unchecked input: each field may be absent or null, even if the schema does not accept that. */
type Written<Field extends PropertyKey> = { readonly [Name in Field]?: string | null | undefined };

/**
 * A new notification as given by a caller. Absent fields take their defaults, `subject` the first line of `message`.
 */
export interface NewNotification extends Written<keyof typeof fields> {
  readonly id?: number | string | null | undefined;
  /** When it is archived or deleted by itself, as `on_expiry` says. Only for new notifications. */
  readonly expires_at?: string | null | undefined;
  readonly on_expiry?: (typeof expiryActions)[number] | null | undefined;
}

/**
 * Fields to change; absent ones keep their values. `id` is ignored for admins and forbidden to members; another
 * `recipient` moves the notification to that inbox.
 */
export type NotificationChange = NewNotification;

/**
 * A validated new notification with its defaults. `recipient` and `sender` hold any key of a user;
 * `replaceUserKeys` replaces them by ids.
 */
export type CheckedNotification = Readonly<z.output<typeof New>>;

/** A validated change: only the fields to write, by their wire names. */
export type CheckedChange = ReturnType<typeof checkChange>;

/**
 * The key of a notification in any spelling: `1`, `"1"` and `"1.0"` are one key, see `parseWholeNumber`.
 * @throws ServiceError FORBIDDEN for anything that cannot be a key, as for an unknown key.
 */
export function notificationKey(value: unknown): NotificationId {
  const key = parseWholeNumber(value);
  if (key === null || key < 1 || key > maxId) throw forbidden();
  return key;
}

const checkedNew = checker(notificationsCollection.name, New);
const checkedUntitled = checker(notificationsCollection.name, Untitled);
const checkedChange = checker(notificationsCollection.name, Change);

/**
 * Validates one new notification.
 * @throws ServiceError all faults of the item together, one for each invalid field.
 */
export function checkNew(item: NewNotification): CheckedNotification {
  const subject = item.subject === undefined ? firstLine(item.message) : undefined;
  // Object.assign, because a spread would take longer than the validation.
  return subject === undefined ? checkedNew(item) : Object.assign(checkedUntitled(item), { subject });
}

/**
 * Validates one change and removes `id` from it.
 * @throws ServiceError all faults of the change together, one for each invalid field.
 */
export function checkChange(change: NotificationChange) {
  const { id: _, ...checked } = omitUndefined(checkedChange(change));
  return checked;
}

/** The first line of the message, at most 255 characters; undefined if it is blank. */
function firstLine(message: NewNotification['message']): string | undefined {
  const line = message?.split(/\r\n|\r|\n/, 1)[0]?.trim();
  return line ? firstCharacters(line, textLimits.subject) : undefined;
}

/** Cuts by code point, so that no surrogate pair is split. */
function firstCharacters(line: string, count: number): string {
  return [...line.slice(0, 2 * count)].slice(0, count).join('');
}
