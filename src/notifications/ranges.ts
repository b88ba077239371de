/**
 * What a committed write tells the live side: the versions it took from one recipient's inbox,
 * `from` exclusive, `to` inclusive. Whoever serves that recipient reads the rest. A write that took none, `from` being
 * `to`, deleted the recipient with the inbox.
 */
export interface VersionRange {
  readonly recipient: string;
  readonly from: number;
  readonly to: number;
  /**
   * The notifications that changed or came from another inbox, but were not made: a later write may take their versions
   * on, or the inbox they came from may be gone, before they are read.
   */
  readonly updated?: readonly number[];
  /** The notifications that were deleted: with their inbox goes what could be read of them. */
  readonly deleted?: readonly number[];
}

/** The version that a new notification took from its recipient's inbox. */
export interface NewVersion {
  readonly recipient_id: string;
  readonly version: number;
}

/** What is told of a write that only made notifications. @param rows in any order */
export function rangesOfNew(rows: readonly NewVersion[]): VersionRange[] {
  const ranges = new Map<string, { recipient: string; from: number; to: number }>();
  for (const { recipient_id: recipient, version } of rows) {
    const range = ranges.get(recipient);
    if (range === undefined) ranges.set(recipient, { recipient, from: version - 1, to: version });
    else {
      range.from = Math.min(range.from, version - 1);
      range.to = Math.max(range.to, version);
    }
  }
  return [...ranges.values()];
}

/** How a write that was committed is made known to those who follow inboxes. */
export interface Publisher {
  /** Tells of one write; never fails and waits for nothing. */
  publish(ranges: readonly VersionRange[]): void;
}
