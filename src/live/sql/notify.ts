/**
 * Sends messages on a channel, many at once; measured by bench `live`. Run it only on the bus's own connection, never
 * in a transaction that writes: a commit with NOTIFY takes a lock on the whole database.
 */
export const notifyText = 'select pg_notify($1, message) from unnest($2::text[]) as message';
