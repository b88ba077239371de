import type { Connection } from './connection.ts';
import type { Follow, FollowStatus } from './follow.ts';
import type { ItemConditions } from './items.ts';
import { asInboxError, type InboxChange, type InboxError, isRefusal } from './requests.ts';
import { linkedTo } from './timeouts.ts';

/** Milliseconds between retries; doubles from `firstMs` up to `mostMs`. */
export interface BackOff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** Resolves when the next attempt may begin, normally after `ms`. */
export type Rest = (ms: number, signal: AbortSignal) => Promise<void>;

/** What follows an inbox, and from where. */
export interface Following {
  /** The connection for the next attempt. */
  readonly connection: () => Connection;
  /** Called when its token was refused for good. Returns whether to end; default: yes. */
  readonly onRefused?: (connection: Connection) => boolean;
  readonly follow: Follow;
  readonly filter: ItemConditions;
  readonly backOff: BackOff;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Whether it begins with `read`. */
  readonly mustRead: boolean;
  /** Reads the inbox again, because the changes do not continue from the cursor. @throws InboxError */
  readonly read: () => Promise<void>;
  readonly cursor: () => string | undefined;
  readonly onStatus: (status: FollowStatus) => void;
  readonly onChange: (change: InboxChange) => void;
  readonly onError?: ((error: InboxError) => void) | undefined;
  readonly rest: Rest;
}

/** A connection open for longer than this, in milliseconds, resets the back-off. */
const steadyMs = 5_000;

/** Reads and follows an inbox, and retries with growing pauses, until it is aborted or the token is refused. */
export async function keepFollowing(options: Following): Promise<void> {
  const { signal, read, onStatus, onError, onRefused = () => true, rest } = options;
  const { firstMs, mostMs } = options.backOff;
  let { mustRead } = options;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    let openedAt: number | undefined;
    const onOpen = () => {
      openedAt = Date.now();
    };
    const onChange = () => {
      attempt = 0;
    };
    const connection = options.connection();
    try {
      if (mustRead) await read();
      mustRead = false;
      onStatus('connecting');
      // A listener may have ended it.
      if (signal.aborted) return;
      mustRead = await stream(connection, options, { onOpen, onChange });
      if (mustRead) continue;
    } catch (thrown) {
      const error = asInboxError(thrown);
      if (signal.aborted) return;
      onError?.(error);
      if (isRefusal(error) && connection.refuse() && onRefused(connection)) return onStatus('refused');
      // The service rejected the cursor.
      mustRead ||= error.code === 'INVALID_QUERY';
    }
    if (signal.aborted) return;
    if (openedAt !== undefined && Date.now() - openedAt > steadyMs) attempt = 0;
    onStatus('waiting');
    await rest(Math.min(firstMs * 2 ** attempt, mostMs) * (0.5 + Math.random() / 2), signal);
  }
}

/** Follows the inbox until the stream ends. Returns whether the inbox must be read again. */
async function stream(
  connection: Connection,
  { follow, filter, cursor, signal, onStatus, onChange, onError }: Following,
  observer: Readonly<Record<'onOpen' | 'onChange', () => void>>,
): Promise<boolean> {
  const ending = linkedTo(signal);
  let isReset = false;
  try {
    await follow({
      connection,
      variables: { filter, after: cursor() },
      signal: ending.signal,
      onStatus,
      ...(onError && { onError }),
      onOpen() {
        observer.onOpen();
        onStatus('live');
      },
      onChange(change) {
        observer.onChange();
        if (change.kind === 'reset') {
          isReset = true;
          return ending.abort();
        }
        return onChange(change);
      },
    });
  } finally {
    ending.abort();
  }
  return isReset;
}
