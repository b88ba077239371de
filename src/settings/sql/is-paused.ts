import { settingsKey } from '../settings-key.ts';

/** SQL condition: the notifier is paused. Statements of `dispatch/` embed it, because a cached value could be stale. */
export const isPausedSql = `exists (
  select from settings where key = '${settingsKey}' and value @> '{"notifier_paused": true}'
)`;
