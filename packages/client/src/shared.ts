import { byEvents } from './events.ts';
import { createInboxOver, type InboxBaseOptions, type LiveInbox } from './inbox.ts';
import { type CountsOptions, createCountsOver, type LiveCounts } from './shared-counts.ts';

export { inboxOf, isAfter } from './cursors.ts';
export type { ChangeOptions, InboxOperation, InboxStatus, InboxView, LiveInbox } from './inbox.ts';
export type { InboxAction, InboxCounts, InboxFilter, InboxItem, InboxItemState, ItemConditions } from './items.ts';
export type { BackOff } from './keep-following.ts';
export { InboxError } from './requests.ts';
export type { CountsStatus, InboxCountsView, LiveCounts } from './shared-counts.ts';
export type { Timeouts } from './timeouts.ts';

/** How the tabs of an origin share a connection. */
export interface SharingOptions {
  /** How long a hidden tab keeps the connection, in milliseconds. Default 300,000. */
  readonly hiddenMs?: number;
}

export interface SharedInboxOptions extends InboxBaseOptions, SharingOptions {}

export interface SharedCountsOptions extends CountsOptions, SharingOptions {}

const backOff = { firstMs: 250, mostMs: 600_000 };

/** An inbox over the one connection that all tabs of an origin share. Its counts are those of the service. */
export function sharedInbox(options: SharedInboxOptions): LiveInbox {
  return createInboxOver({ follow: byEvents, backOff: options.backOff ?? backOff, predictsCounts: false }, options);
}

/** The counts of an inbox over the one connection that all tabs of an origin share. */
export function sharedCounts(options: SharedCountsOptions): LiveCounts {
  return createCountsOver({ follow: byEvents, backOff: options.backOff ?? backOff }, options);
}
