import { byEvents } from './events.ts';
import { createInboxOver, type InboxBaseOptions, type LiveInbox } from './inbox.ts';
import { bySocket } from './sockets.ts';
import { wait } from './timeouts.ts';

export { inboxOf, isAfter } from './cursors.ts';
export type {
  ChangeOptions,
  InboxOperation,
  InboxStatus,
  InboxView,
  LiveInbox,
} from './inbox.ts';
export type { InboxAction, InboxCounts, InboxFilter, InboxItem, InboxItemState, ItemConditions } from './items.ts';
export { InboxError } from './requests.ts';
export type { Timeouts } from './timeouts.ts';

export interface InboxOptions extends InboxBaseOptions {
  readonly transport: 'websocket' | 'sse';
  /** The WebSocket constructor, for platforms without one: `ws` on Node 20. */
  readonly webSocket?: unknown;
}

/** Follows an inbox over a connection of its own. */
export function createInbox(options: InboxOptions): LiveInbox {
  const { transport, webSocket, backOff = { firstMs: 250, mostMs: 30_000 } } = options;
  const follow = transport === 'sse' ? byEvents : bySocket(webSocket);
  return createInboxOver({ follow, backOff, predictsCounts: true, rest: wait }, options);
}
