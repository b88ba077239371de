import type { Connection } from './connection.ts';
import { inboxOf } from './cursors.ts';
import { byEvents } from './events.ts';
import type { Follow, FollowStatus, StreamOptions } from './follow.ts';
import type { ItemConditions } from './items.ts';
import { type BackOff, keepFollowing } from './keep-following.ts';
import type { Presence } from './presence.ts';
import { figuresDocument, type InboxChange, type InboxFigures, request } from './requests.ts';
import { linkedTo } from './timeouts.ts';

export interface LeaderOptions {
  /** The inbox that it follows. */
  readonly inbox: string;
  /** What it follows for; their connections are used. */
  readonly attachments: ReadonlySet<Pick<StreamOptions, 'connection' | 'onError'>>;
  readonly presence: Presence;
  readonly backOff: BackOff;
  readonly cursor: () => string;
  readonly onStatus: (status: FollowStatus) => void;
  readonly onChange: (change: InboxChange) => void;
  /** The inbox must be read again. */
  readonly onReset: (cursor: string) => void;
  /** The token belongs to another inbox now, or the store was replaced: this page must read again. */
  readonly onMoved: (cursor: string) => void;
}

/** Follows one inbox for all tabs, with the tokens of this page. */
export interface Leader {
  isLeading(): boolean;
  /** Whether a token of this page was not refused. */
  canLead(): boolean;
  /** Resolves when it is aborted, or when all tokens were refused. */
  lead(signal: AbortSignal): Promise<void>;
  /** Ends the pause before the next retry. */
  retry(): void;
  /** Abandons the stream, which may be dead, and opens another. */
  reconnect(): void;
}

const everything: ItemConditions = { states: ['inbox', 'snoozed', 'archived'] };

export function createLeader(options: LeaderOptions): Leader {
  const { inbox, attachments, presence, cursor, onStatus, onChange } = options;
  const refused = new WeakSet<Connection>();
  let leading: AbortSignal | undefined;
  let last: Connection | undefined;
  let resetTo: string | undefined;
  let stream = new AbortController();
  let pause = new AbortController();

  function usable(): Connection | undefined {
    return [...attachments].map(({ connection }) => connection).find((connection) => !refused.has(connection));
  }

  /** The connection of something that is attached; else of the last that was. */
  function pick(): Connection {
    last = usable() ?? last;
    if (!last) throw new Error('nothing is attached');
    return last;
  }

  const follow: Follow = ({ signal, ...given }) => {
    const own = linkedTo(signal);
    stream = own;
    return byEvents({
      ...given,
      signal: stream.signal,
      onChange(change) {
        if (change.kind === 'reset') resetTo = change.cursor;
        given.onChange(change);
      },
    }).finally(() => own.abort());
  };

  return {
    isLeading: () => leading !== undefined && !leading.aborted,
    canLead: () => usable() !== undefined,
    async lead(signal) {
      if (signal.aborted) return;
      leading = signal;
      await keepFollowing({
        connection: pick,
        onRefused(connection) {
          refused.add(connection);
          return usable() === undefined;
        },
        follow,
        filter: everything,
        backOff: options.backOff,
        signal,
        mustRead: false,
        async read() {
          const known = resetTo;
          resetTo = undefined;
          const at = known ?? (await readCursor(pick(), signal));
          if (inboxOf(at) === inbox) options.onReset(at);
          else options.onMoved(at);
        },
        cursor,
        onStatus: (status) => signal.aborted || onStatus(status),
        onChange,
        onError(error) {
          for (const { onError } of [...attachments]) onError?.(error);
        },
        rest(ms, until) {
          const own = linkedTo(until);
          pause = own;
          return presence.rest(ms, own.signal).finally(() => own.abort());
        },
      });
      if (leading === signal) leading = undefined;
    },
    retry: () => pause.abort(),
    reconnect: () => stream.abort(),
  };
}

async function readCursor(connection: Connection, signal: AbortSignal): Promise<string> {
  return (await request<{ inbox: InboxFigures }>(connection, figuresDocument, {}, signal)).inbox.cursor;
}
