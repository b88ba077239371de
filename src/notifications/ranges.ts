/**
 * What one committed write publishes for one inbox: the versions it took, `from` exclusive, `to` inclusive. Nodes that
 * serve the recipient read the rest. `from` equal to `to` means that the recipient was deleted with the inbox.
 */
export interface VersionRange {
  readonly recipient: string;
  readonly from: number;
  readonly to: number;
  /**
   * Ids that were updated or moved in, but not created. Listed because a later write may take over their versions, or
   * their former inbox may be gone, before they are read.
   */
  readonly updated?: readonly number[];
  /** Ids that were deleted, because they can no longer be read once their inbox is gone. */
  readonly deleted?: readonly number[];
}

/** The version that a new notification took from its recipient's inbox. */
export interface NewVersion {
  readonly recipient_id: string;
  readonly version: number;
}

/** The ranges of a write that only created notifications. @param rows in any order */
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

/** Publishes committed writes to followers of inboxes. */
export interface Publisher {
  /** Publishes one write; never fails and never waits. */
  publish(ranges: readonly VersionRange[]): void;
}
