import type { InboxCounts, InboxItem } from '@tidings/client';
import type { ActionDetail } from './inbox/actions.ts';
import type { PreferencesChange } from './preferences/editor.ts';

/** The events of the elements. All bubble, also out of shadow trees; `preventDefault()` stops those that come before. */
export interface TidingsEvents {
  /** Before an action. */
  'tidings-action': CustomEvent<ActionDetail>;
  /** The counts changed. */
  'tidings-counts': CustomEvent<InboxCounts>;
  /** A request or the connection failed; the error is usually an `InboxError`. */
  'tidings-error': CustomEvent<{ readonly error: unknown }>;
  /** Before a link of a notification is followed. */
  'tidings-open': CustomEvent<{ readonly notification: InboxItem; readonly url: string }>;
  /** Before preferences are changed. */
  'tidings-preferences-change': CustomEvent<PreferencesChange>;
  /** Another notification is open, or none. */
  'tidings-select': CustomEvent<{ readonly selected: string | null; readonly notification: InboxItem | null }>;
  /** The popover of a bell opened or closed. */
  'tidings-toggle': CustomEvent<{ readonly open: boolean }>;
}

declare global {
  interface HTMLElementEventMap extends TidingsEvents {}
}
