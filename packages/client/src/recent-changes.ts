import { isAfter } from './cursors.ts';
import type { InboxChange } from './requests.ts';

/** The last changes of an inbox without a gap, and the cursor that they lead to. */
export interface RecentChanges {
  cursor(): string;
  add(change: InboxChange): void;
  /** Forgets all changes and continues from this cursor. */
  restart(cursor: string): void;
  /** The changes after a cursor; undefined if they are not known any more. */
  after(cursor: string): readonly InboxChange[] | undefined;
}

/** @param most how many changes are kept */
export function createRecentChanges(first: string, most = 1_000): RecentChanges {
  let changes: InboxChange[] = [];
  let start = first;
  let end = first;
  return {
    cursor: () => end,
    add(change) {
      changes.push(change);
      end = change.cursor;
      if (changes.length > most) start = changes.shift()?.cursor ?? start;
    },
    restart(cursor) {
      changes = [];
      start = cursor;
      end = cursor;
    },
    after: (cursor) =>
      isAfter(start, cursor) ? undefined : changes.filter((change) => isAfter(change.cursor, cursor)),
  };
}
