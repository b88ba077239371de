/** An inbox locked by this transaction, with its current version. */
export interface LockedInbox {
  readonly recipient_id: string;
  readonly version: number;
}

/** A changed inbox: its version before (`base`) and after, and the ids of its changed rows. */
export interface Touched {
  readonly recipient_id: string;
  readonly base: number;
  readonly version: number;
  /** Absent if rows were only created or deleted. */
  readonly updated?: readonly number[];
  /** Absent if nothing was deleted. */
  readonly deleted?: readonly number[];
}
