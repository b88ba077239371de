/**
 * Sends messages on a channel. Only run on the bus's own connection, never in a transaction that writes: a commit with
 * NOTIFY takes a lock of the whole database.
 */
export const notifyText = 'select pg_notify($1, message) from unnest($2::text[]) as message';

/** Listens on a channel. Notifications are not stored, so there is no commit to flush to disk. */
export const listenText = (channel: string) => `set synchronous_commit = off; listen ${channel}`;
