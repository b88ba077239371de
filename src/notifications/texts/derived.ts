import { stateKey } from './state.ts';

/**
 * What a backup leaves out: the copy of texts for search, its queue and its state. After a restore the service makes
 * the triggers and copies the texts anew, as for any store without them.
 */
export const derivedTexts = {
  tables: ['notification_texts', 'notification_text_queue'],
  settings: [stateKey],
} as const;
