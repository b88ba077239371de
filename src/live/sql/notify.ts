/**
 * Sends messages on a channel. Only run on the bus's own connection, never in a transaction that writes: a commit with
 * NOTIFY takes a lock of the whole database.
 */
export const notifyText = 'select pg_notify($1, message) from unnest($2::text[]) as message';

/** Listens on a channel, without waiting for the disk at commit: the subscription is not stored. */
export const listenText = (channel: string) => `set synchronous_commit = off; listen ${channel}`;
