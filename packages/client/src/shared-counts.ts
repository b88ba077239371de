import { connectionOf, type ServiceOptions } from './connection.ts';
import { createEmitter } from './emitter.ts';
import type { Follow, FollowStatus } from './follow.ts';
import type { InboxCounts } from './items.ts';
import { type BackOff, keepFollowing, type Rest } from './keep-following.ts';
import { countsIn, figuresDocument, type InboxError, type InboxFigures, request, seenDocument } from './requests.ts';

/** `loading` before the first counts; otherwise as in an inbox. */
export type CountsStatus = 'loading' | FollowStatus | 'closed';

/** The counts of an inbox as the service last sent them; the same object until something changes. */
export interface InboxCountsView extends InboxCounts {
  readonly status: CountsStatus;
}

export interface CountsOptions extends ServiceOptions {
  /** Called when the connection fails; it is retried automatically unless the status is `refused`. */
  readonly onError?: (error: InboxError) => void;
  /** Milliseconds between retries; doubles from `firstMs` up to `mostMs`. */
  readonly backOff?: BackOff;
}

/** The counts of an inbox, without its notifications, that keep themselves up to date. */
export interface LiveCounts {
  /** All 0 until `status` is no longer `loading`. */
  current(): InboxCountsView;
  /** Calls the listener after every change. Returns a function that unsubscribes. */
  subscribe(listener: (view: InboxCountsView) => void): () => void;
  /** Marks everything that the counts include as seen, without reading it. @throws InboxError when refused. */
  markSeen(): Promise<void>;
  close(): void;
}

/** How counts are kept up to date. */
export interface CountsMeans {
  readonly follow: Follow;
  readonly backOff: BackOff;
  readonly rest: Rest;
}

export function createCountsOver({ follow, backOff, rest }: CountsMeans, options: CountsOptions): LiveCounts {
  const connection = connectionOf(options);
  const closing = new AbortController();
  let cursor: string | undefined;
  let view: InboxCountsView = { unread: 0, unseen: 0, total: 0, saved: 0, snoozed: 0, status: 'loading' };
  const emitter = createEmitter(() => view, true);
  function changed(status: CountsStatus, figures?: InboxFigures): void {
    view = { ...view, ...(figures && countsIn(figures)), status: closing.signal.aborted ? 'closed' : status };
    cursor = figures?.cursor ?? cursor;
  }
  function show(status: CountsStatus, figures?: InboxFigures): void {
    changed(status, figures);
    emitter.emit();
  }

  void keepFollowing({
    connection: () => connection,
    follow,
    filter: {},
    backOff,
    signal: closing.signal,
    mustRead: true,
    async read() {
      const { inbox } = await request<{ inbox: InboxFigures }>(connection, figuresDocument, {}, closing.signal);
      show('connecting', inbox);
    },
    cursor: () => cursor,
    onStatus: show,
    onChange(change) {
      changed(view.status, change);
      emitter.emitSoon();
    },
    onError: options.onError,
    rest,
  });
  return {
    current: () => view,
    subscribe: emitter.subscribe,
    async markSeen() {
      await request<object>(connection, seenDocument, { upTo: cursor }, closing.signal);
    },
    close() {
      closing.abort();
      show('closed');
    },
  };
}
