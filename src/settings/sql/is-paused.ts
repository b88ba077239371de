import { settingsKey } from '../settings-key.ts';

/**
 * SQL condition that is true while the notifier is paused. The statements of `dispatch/` contain it, because a cached
 * value could be stale.
 */
export const isPausedSql = `exists (
  select from settings where key = '${settingsKey}' and value @> '{"notifier_paused": true}'
)`;
