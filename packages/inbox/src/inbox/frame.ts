import type { Values } from '../format-text.ts';
import type { InboxKey } from '../strings/inbox/catalog.ts';

/** What templates need to write texts and times. */
export interface Frame {
  readonly text: (key: InboxKey, values?: Values) => string;
  /** The language tag for dates and numbers. */
  readonly tag: string;
  readonly now: Date;
  /** Whether the service lets this person delete notifications. */
  readonly mayDelete: boolean;
}
