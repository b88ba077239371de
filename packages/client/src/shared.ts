// A bundle that needs the counts alone imports `counts.ts`, so that it does not contain the inbox.
export {
  type CountsStatus,
  type InboxCountsView,
  type LiveCounts,
  type SharedCountsOptions,
  sharedCounts,
} from './counts.ts';
export { inboxOf, isAfter } from './cursors.ts';
export type { ChangeOptions, InboxOperation, InboxStatus, InboxView, LiveInbox } from './inbox.ts';
export {
  changeOf,
  type InboxAction,
  type InboxCounts,
  type InboxFilter,
  type InboxItem,
  type InboxItemState,
  type ItemChange,
  type ItemConditions,
} from './items.ts';
export type { BackOff } from './keep-following.ts';
export { InboxError } from './requests.ts';
export { type SharedInboxOptions, sharedInbox } from './shared-inbox.ts';
export type { SharingOptions } from './sharing.ts';
export type { Timeouts } from './timeouts.ts';
