import { may } from '../auth/rights.ts';
import { columnsOf, type Row } from '../database/row.ts';
import type { Notification as NotificationRecord } from '../generated/prisma/client.ts';
import type { Collection, Field } from '../query/collection.ts';
import { isWrittenTemplate } from '../templates/model.ts';
import { findTexts } from './texts/sql/find-texts.ts';

/** The key of a notification on the Directus face: 1 … 2^53 − 1. */
export type NotificationId = number;

/** Whether a notification is in the inbox or archived. Whether it was read (`read_at`) is independent of this. */
export const statuses = ['inbox', 'archived'] as const;
export type Status = (typeof statuses)[number];

/** A button of a notification. */
export interface NotificationAction {
  readonly label: string;
  readonly url: string;
}

/**
 * A notification as read from the database, with the names of the API; times are ISO-8601 UTC text with milliseconds.
 * `subject_written` is true if a person replaced the subject that a template had rendered; see `isSubjectText`.
 */
type StoredNotification = Omit<Row<NotificationRecord>, 'status' | 'actions'> & {
  readonly status: Status;
  readonly actions: readonly NotificationAction[];
};

/** A notification, with the `seen_version` of its inbox where that was read with it; see `isSeen`. */
export type Notification = StoredNotification & { readonly inbox_seen?: number };

/** Every column of `notifications`, in table order. */
export const notificationColumns = columnsOf<StoredNotification>()([
  'id',
  'uuid',
  'recipient_id',
  'sender_id',
  'status',
  'read_at',
  'timestamp',
  'subject',
  'subject_written',
  'message',
  'collection',
  'item',
  'template_id',
  'targets',
  'icon',
  'actions',
  'saved_at',
  'snoozed_until',
  'archived_at',
  'expires_at',
  'on_expiry',
  'original_timestamp',
  'shown_version',
  'state_version',
  'created_version',
  'version',
]);

/**
 * Whether the subject is plain text written by a person. A subject rendered by a template is Markdown; the custom
 * template only passes on text written by a person.
 */
export function isSubjectText({
  template_id,
  subject_written,
}: Pick<Notification, 'template_id' | 'subject_written'>): boolean {
  return template_id === null || isWrittenTemplate(template_id) || subject_written;
}

/** Maximum lengths in characters. */
export const textLimits = { subject: 255, collection: 64, item: 255 } as const;

const field = (name: string, more: Partial<Field> = {}): [string, Field] => [
  name,
  { name, column: name, type: 'string', readableBy: 'member', searchable: true, ...more },
];

/** Notifications for filters, sorts, searches and groups. Members see their own notifications, admins see all. */
export const notificationsCollection: Collection = {
  name: 'directus_notifications',
  table: 'notifications',
  primaryKey: 'id',
  fields: new Map([
    field('id', { type: 'integer' }),
    field('timestamp', { type: 'timestamp', searchable: false }),
    field('status', { values: statuses }),
    field('recipient', { column: 'recipient_id', type: 'uuid', relation: 'users' }),
    field('sender', { column: 'sender_id', type: 'uuid', relation: 'users' }),
    field('subject'),
    field('message'),
    field('collection'),
    field('item'),
    field('uuid', { type: 'uuid', searchable: false }),
    field('read_at', { type: 'timestamp', searchable: false }),
    field('template_id', { type: 'uuid', searchable: false }),
    field('targets', { type: 'uuids', searchable: false }),
  ]),
  texts: { fields: new Set(['subject', 'message', 'collection', 'item']), find: findTexts },
  visibility: (viewer) => {
    if (may(viewer, 'notifications.read_all')) return { kind: 'all' };
    return may(viewer, 'notifications.read_own') ? { kind: 'own', column: 'recipient_id' } : { kind: 'none' };
  },
};
