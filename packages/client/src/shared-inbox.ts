import type { Follow } from './follow.ts';
import { createInboxOver, type InboxBaseOptions, type LiveInbox } from './inbox.ts';
import { isListed } from './items.ts';
import { meansOf, type SharingOptions } from './sharing.ts';

export interface SharedInboxOptions extends InboxBaseOptions, SharingOptions {}

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
