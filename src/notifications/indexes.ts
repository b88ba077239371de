import type { OnlineIndex } from '../database/online-indexes.ts';

/** What is quick to make. */
const partialIndexes: readonly OnlineIndex[] = [
  {
    name: 'notifications_read_idx',
    table: 'notifications',
    definition: () => `(recipient_id, timestamp, id) where status = 'inbox' and read_at is not null`,
    otherwise: 'finding what is read reads the whole inbox',
  },
  {
    name: 'notifications_archived_id_idx',
    table: 'notifications',
    definition: () => `(recipient_id, id) where status = 'archived'`,
    otherwise: 'finding what is archived reads the whole inbox',
  },
  {
    name: 'notifications_archived_timestamp_idx',
    table: 'notifications',
    definition: () => `(recipient_id, timestamp, id) where status = 'archived'`,
    otherwise: 'finding what is archived reads the whole inbox',
  },
];

/** Of the copies of texts, so that no write of a notification has to wait for it. */
export const textsIndex: OnlineIndex = {
  name: 'notification_texts_idx',
  table: 'notification_texts',
  definition: (schema) => `using gin (text ${schema}.gin_trgm_ops)`,
  extension: 'pg_trgm',
  otherwise: 'search and text filters read row by row',
};

/** What earlier versions made, on the rows themselves. */
const formerTextsIndex: OnlineIndex = {
  name: 'notifications_search_idx',
  table: 'notifications',
  definition: () => '',
  otherwise: '',
};

/** The indexes of notifications that are made while the service works, and those that are dropped where they are. */
export function notificationIndexes(hasSearchIndex: boolean) {
  return hasSearchIndex
    ? { wanted: [...partialIndexes, textsIndex], unwanted: [formerTextsIndex] }
    : { wanted: partialIndexes, unwanted: [formerTextsIndex, textsIndex] };
}
