import { type CountsOptions, createCountsOver, type LiveCounts } from './shared-counts.ts';
import { meansOf, type SharingOptions } from './sharing.ts';

export type { CountsStatus, InboxCountsView, LiveCounts } from './shared-counts.ts';

export interface SharedCountsOptions extends CountsOptions, SharingOptions {}

/** The counts of an inbox over the one connection that all tabs of an origin share. */
export function sharedCounts(options: SharedCountsOptions): LiveCounts {
  return createCountsOver(meansOf(options), options);
}
