import type { Connection } from './connection.ts';
import type { ItemConditions } from './items.ts';
import type { InboxChange, InboxError } from './requests.ts';

/** Whether changes arrive; `waiting` before the next retry, `refused` when the token is invalid. */
export type FollowStatus = 'connecting' | 'live' | 'waiting' | 'refused';

/** One stream of changes from a cursor. */
export interface StreamOptions {
  readonly connection: Connection;
  readonly variables: { readonly filter: ItemConditions; readonly after: string | undefined };
  readonly onOpen: () => void;
  readonly onChange: (change: InboxChange) => void;
  /** For streams that retry by themselves. */
  readonly onStatus?: (status: FollowStatus) => void;
  readonly onError?: (error: InboxError) => void;
  /** Aborting ends the stream without an error. */
  readonly signal: AbortSignal;
}

/** Resolves when the stream ends, on either side. @throws InboxError when it fails. */
export type Follow = (options: StreamOptions) => Promise<void>;
