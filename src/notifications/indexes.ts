import type { OnlineIndex } from '../database/online-indexes.ts';
import { notificationsCollection } from './model.ts';

/** The texts that `search` looks into. */
const searched = [...notificationsCollection.fields.values()].filter(
  ({ searchable, type }) => searchable && type === 'string',
);

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

const searchIndex: OnlineIndex = {
  name: 'notifications_search_idx',
  table: 'notifications',
  // A condition on one of several columns is one look into the index for each of them.
  definition: (schema) => `using gin (${searched.map(({ column }) => `${column} ${schema}.gin_trgm_ops`).join(', ')})`,
  extension: 'pg_trgm',
  otherwise: 'search and text filters read row by row',
};

/** The indexes of notifications that are made while the service works, and those that are dropped where they are. */
export function notificationIndexes(hasSearchIndex: boolean) {
  return hasSearchIndex
    ? { wanted: [...partialIndexes, searchIndex], unwanted: [] }
    : { wanted: partialIndexes, unwanted: [searchIndex] };
}
