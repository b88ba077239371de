import { isAdmin } from '../auth/viewer.ts';
import type { Collection, Field } from '../query/collection.ts';
import { isWrittenTemplate } from '../templates/model.ts';
import { findTexts } from './texts/find.ts';

/** The key of a notification on the Directus face: 1 … 2^53 − 1. */
export type NotificationId = number;

/** In the inbox or archived. Whether it was read is independent of that (`read_at`). */
export const statuses = ['inbox', 'archived'] as const;
export type Status = (typeof statuses)[number];

/** A button of a notification. */
export interface NotificationAction {
  readonly label: string;
  readonly url: string;
}

/** A notification row as read from the database: wire names, timestamps as ISO-8601 UTC text with milliseconds. */
export interface Notification {
  readonly id: NotificationId;
  readonly uuid: string;
  readonly recipient_id: string;
  readonly sender_id: string | null;
  readonly status: Status;
  readonly read_at: string | null;
  readonly timestamp: string | null;
  readonly subject: string;
  /** True if a person replaced the subject rendered by a template; see `isSubjectText`. */
  readonly subject_written: boolean;
  readonly message: string | null;
  readonly collection: string | null;
  readonly item: string | null;
  readonly template_id: string | null;
  readonly targets: readonly string[];
  readonly icon: string;
  readonly actions: readonly NotificationAction[];
  readonly created_version: number;
  readonly version: number;
}

/** Every column of `notifications`, in table order. */
export const notificationColumns = [
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
  'created_version',
  'version',
] as const satisfies readonly (keyof Notification)[];

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

/** Notifications for filters, sorts, searches and groups. Members see their own ones, admins all. */
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
    if (isAdmin(viewer)) return { kind: 'all' };
    return viewer.kind === 'user' ? { kind: 'own', column: 'recipient_id' } : { kind: 'none' };
  },
};
