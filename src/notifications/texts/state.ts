/** The key in `settings` of how far the copying of texts has come; there exactly as long as the triggers are. */
export const stateKey = 'notification_texts';

/** What is kept there. */
export interface TextsState {
  /** Rows up to this key have been copied, but for what is queued. */
  readonly copied: number;
  /** Every row is copied or queued. */
  readonly isComplete: boolean;
  /** Which characters words are made of for the index, which depends on the locale of the database. */
  readonly words: 'ascii' | 'unicode';
}

/** One text of all that `search` looks into, as a part of a statement. */
export const joinedText = (alias: string) =>
  `concat_ws(E'\\n', ${['subject', 'message', 'collection', 'item'].map((column) => `${alias}.${column}`).join(', ')})`;
