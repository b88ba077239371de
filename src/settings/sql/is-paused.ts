import { settingsKey } from '../settings-key.ts';

/** Whether the notifier is paused, for statements of `dispatch/` that must not run on an answer that is out of date. */
export const isPausedSql = `exists (
  select from settings where key = '${settingsKey}' and value @> '{"notifier_paused": true}'
)`;
