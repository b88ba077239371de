/** Maximum milliseconds that writers may wait while triggers change; then it is retried. */
const lockTimeoutMs = 250;

/** Limits the wait for the lock of the table, because writers wait behind it. SET takes no parameters. */
export const boundLockTime = `set local lock_timeout = '${lockTimeoutMs}ms'`;
