/** Key of the copying state in `settings`. That row exists exactly as long as the triggers exist. */
export const stateKey = 'notification_texts';

/** The stored state. */
export interface TextsState {
  /** All rows up to this key have been copied, except for queued ones. */
  readonly copied: number;
  /** Whether every row is copied or queued. */
  readonly isComplete: boolean;
  /** Which characters form words in the index; depends on the locale of the database. */
  readonly words: 'ascii' | 'unicode';
}
