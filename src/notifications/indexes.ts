import type { OnlineIndex } from '../database/online-indexes.ts';

/** Small indexes, which are quick to build. */
const partialIndexes: readonly OnlineIndex[] = [
  {
    name: 'notifications_read_idx',
    table: 'notifications',
    definition: () => `(recipient_id, timestamp, id) where status = 'inbox' and read_at is not null`,
    consequence: 'listing read notifications reads the whole inbox',
  },
  {
    name: 'notifications_archived_id_idx',
    table: 'notifications',
    definition: () => `(recipient_id, id) where status = 'archived'`,
    consequence: 'listing archived notifications reads the whole inbox',
  },
  {
    name: 'notifications_archived_timestamp_idx',
    table: 'notifications',
    definition: () => `(recipient_id, timestamp, id) where status = 'archived'`,
    consequence: 'listing archived notifications reads the whole inbox',
  },
  {
    name: 'notifications_unseen_idx',
    table: 'notifications',
    definition: () =>
      `(recipient_id, coalesce(shown_version, created_version)) where status = 'inbox' and read_at is null`,
    consequence: 'counting unseen notifications reads the whole inbox',
  },
  {
    name: 'notifications_saved_idx',
    table: 'notifications',
    definition: () => '(recipient_id, timestamp, id) where saved_at is not null',
    consequence: 'listing and counting saved notifications reads the whole inbox',
  },
  {
    name: 'notifications_snoozed_idx',
    table: 'notifications',
    definition: () => `(recipient_id, timestamp, id) where status = 'archived' and snoozed_until is not null`,
    consequence: 'listing and counting snoozed notifications reads the whole inbox',
  },
  {
    name: 'notifications_snoozed_until_idx',
    table: 'notifications',
    definition: () => `(snoozed_until) where status = 'archived' and snoozed_until is not null`,
    consequence: 'finding notifications whose snooze ends reads all notifications',
  },
  {
    name: 'notifications_expires_at_idx',
    table: 'notifications',
    definition: () => '(expires_at) where expires_at is not null',
    consequence: 'finding notifications that expire reads all notifications',
  },
];

/** An index on the copied texts, so that no write of a notification has to update it. */
export const textsIndex: OnlineIndex = {
  name: 'notification_texts_idx',
  table: 'notification_texts',
  definition: (schema) => `using gin (text ${schema}.gin_trgm_ops)`,
  extension: 'pg_trgm',
  consequence: 'search and text filters scan rows',
};

/** The search index of earlier versions, which was on the table of notifications. */
const formerTextsIndex: OnlineIndex = {
  name: 'notifications_search_idx',
  table: 'notifications',
  definition: () => '',
  consequence: '',
};

/** Indexes of notifications that are created while the service runs, and those that are dropped. */
export function notificationIndexes(hasSearchIndex: boolean) {
  return hasSearchIndex
    ? { wanted: [...partialIndexes, textsIndex], unwanted: [formerTextsIndex] }
    : { wanted: partialIndexes, unwanted: [formerTextsIndex, textsIndex] };
}
