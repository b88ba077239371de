import type { InboxAction, InboxItem } from '@tidings/client/shared';
import type { Control } from '../icons.ts';
import type { InboxKey } from '../strings/inbox/catalog.ts';

/** What a button does: an action, or opening the menu that asks for more. */
export type Deed = InboxAction | 'ask-snooze' | 'ask-delete';

/** A button of a notification. */
export interface ItemButton {
  readonly deed: Deed;
  readonly icon: Control;
  readonly label: InboxKey;
}

const read = { deed: 'read', icon: 'mailOpen', label: 'action.markRead' } as const;
const unread = { deed: 'unread', icon: 'mail', label: 'action.markUnread' } as const;
const save = { deed: 'save', icon: 'save', label: 'action.save' } as const;
const unsave = { deed: 'unsave', icon: 'unsave', label: 'action.unsave' } as const;
const snooze = { deed: 'ask-snooze', icon: 'snooze', label: 'action.snooze' } as const;
const unsnooze = { deed: 'unsnooze', icon: 'inbox', label: 'action.unsnooze' } as const;
const archive = { deed: 'archive', icon: 'archive', label: 'action.archive' } as const;
const unarchive = { deed: 'unarchive', icon: 'inbox', label: 'action.unarchive' } as const;
const remove = { deed: 'ask-delete', icon: 'delete', label: 'action.delete' } as const;

/** The buttons of a notification in its state. @param mayDelete whether the service lets this person delete */
export function buttonsOf({ read_at, saved_at, state }: InboxItem, mayDelete: boolean): readonly ItemButton[] {
  return [
    read_at === null ? read : unread,
    saved_at === null ? save : unsave,
    ...(state === 'inbox' ? [snooze, archive] : [state === 'snoozed' ? unsnooze : unarchive]),
    ...(mayDelete ? [remove] : []),
  ];
}

interface BulkOptions {
  readonly tab: string;
  /** Whether one of them is unread. */
  readonly hasUnread: boolean;
  readonly mayDelete: boolean;
}

/** The buttons for several notifications of a tab. */
export function bulkButtonsOf({ tab, hasUnread, mayDelete }: BulkOptions): readonly ItemButton[] {
  const place = tab === 'snoozed' ? [unsnooze] : tab === 'archived' ? [unarchive] : [snooze, archive];
  return [hasUnread ? read : unread, tab === 'saved' ? unsave : save, ...place, ...(mayDelete ? [remove] : [])];
}
