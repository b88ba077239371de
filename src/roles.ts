/**
 * Rights of a signed-in user. `admin`: everything. `operator`: sending, the log, templates, and pausing; no users or
 * tokens. `reader`: reads everything and changes nothing. `member`: their own data.
 */
export const roles = ['admin', 'operator', 'reader', 'member'] as const;
export type Role = (typeof roles)[number];
