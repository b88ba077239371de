/** Key in `settings` of the copying state; exists exactly as long as the triggers. */
export const stateKey = 'notification_texts';

/** The stored state. */
export interface TextsState {
  /** Rows up to this key have been copied, except for queued ones. */
  readonly copied: number;
  /** Every row is copied or queued. */
  readonly isComplete: boolean;
  /** Which characters form words in the index; depends on the locale of the database. */
  readonly words: 'ascii' | 'unicode';
}
