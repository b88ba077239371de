/**
 * The versions that one committed write took from one inbox: `from` is exclusive, `to` inclusive. They are published,
 * and nodes that serve the recipient read the changed rows. `from` equal to `to` means that the recipient was deleted
 * with the inbox.
 */
export interface VersionRange {
  readonly recipient: string;
  readonly from: number;
  readonly to: number;
  /**
   * Ids of notifications that were updated in this inbox or moved to it, but not created. Listed because, before they
   * are read, a later write may give them other versions, or the inbox that they left may be deleted.
   */
  readonly updated?: readonly number[];
  /** Ids of deleted notifications. Listed because they can no longer be read once their inbox is deleted. */
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
