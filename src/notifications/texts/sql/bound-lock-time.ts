/**
 * Maximum milliseconds to wait for the table lock. After that, the change of the triggers fails and is retried later.
 */
const lockTimeoutMs = 250;

/** Limits the wait for the table lock, because writers queue behind the waiting request. SET takes no parameters. */
export const boundLockTime = `set local lock_timeout = '${lockTimeoutMs}ms'`;
