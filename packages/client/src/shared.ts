import type { Follow } from './follow.ts';
import { byHub } from './hub.ts';
import { createInboxOver, type InboxBaseOptions, type LiveInbox } from './inbox.ts';
import { isListed } from './items.ts';
import type { BackOff } from './keep-following.ts';
import { presenceAfter } from './presence.ts';
import { type CountsOptions, createCountsOver, type LiveCounts } from './shared-counts.ts';

export { inboxOf, isAfter } from './cursors.ts';
export type { ChangeOptions, InboxOperation, InboxStatus, InboxView, LiveInbox } from './inbox.ts';
export type {
  InboxAction,
  InboxCounts,
  InboxFilter,
  InboxItem,
  InboxItemState,
  ItemChange,
  ItemConditions,
} from './items.ts';
export { changeOf } from './items.ts';
export type { BackOff } from './keep-following.ts';
export { InboxError } from './requests.ts';
export type { CountsStatus, InboxCountsView, LiveCounts } from './shared-counts.ts';
export type { Timeouts } from './timeouts.ts';

/** How the tabs of an origin share a connection. */
export interface SharingOptions {
  /** How long a hidden tab keeps the connection, in milliseconds. Default 300,000. */
  readonly hiddenMs?: number;
  /** Milliseconds between retries; doubles from `firstMs` up to `mostMs`. Default 250 and 600,000. */
  readonly backOff?: BackOff;
}

export interface SharedInboxOptions extends InboxBaseOptions, SharingOptions {}

export interface SharedCountsOptions extends CountsOptions, SharingOptions {}

function meansOf({ hiddenMs = 300_000, backOff = { firstMs: 250, mostMs: 600_000 } }: SharingOptions) {
  const presence = presenceAfter(hiddenMs);
  return { follow: byHub({ presence, backOff }), backOff, rest: presence.rest };
}

/** An inbox over the one connection that all tabs of an origin share. Its counts are those of the service. */
export function sharedInbox(options: SharedInboxOptions): LiveInbox {
  const { follow, ...means } = meansOf(options);
  return createInboxOver({ ...means, follow: narrowed(follow), predictsCounts: false }, options);
}

/** Narrows the changes of the whole inbox to a filter, as the service does. */
function narrowed(follow: Follow): Follow {
  return (options) =>
    follow({
      ...options,
      onChange(change) {
        const isListedNow = !change.notification || isListed(change.notification, options.variables.filter);
        options.onChange(isListedNow ? change : { ...change, kind: 'deleted' });
      },
    });
}

/** The counts of an inbox over the one connection that all tabs of an origin share. */
export function sharedCounts(options: SharedCountsOptions): LiveCounts {
  return createCountsOver(meansOf(options), options);
}
