import { stateKey } from './state.ts';

/**
 * Tables and settings that a backup omits: the copy of texts for search, its queue and its state. After a restore, the
 * service creates the triggers and copies the texts again, as it does for any database without them.
 */
export const derivedTexts = {
  tables: ['notification_texts', 'notification_text_queue'],
  settings: [stateKey],
} as const;
