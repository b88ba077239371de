/** An inbox whose lock this transaction holds, and the version it has under the lock. */
export interface LockedInbox {
  readonly recipient_id: string;
  readonly version: number;
}

/** A touched inbox: its version before (`base`) and after, and which of its rows changed. */
export interface Touched {
  readonly recipient_id: string;
  readonly base: number;
  readonly version: number;
  /** Left out where nothing changed but what was made or deleted. */
  readonly updated?: readonly number[];
  /** Left out where nothing was deleted. */
  readonly deleted?: readonly number[];
}
