import type { Route } from './addresses.ts';
import { component } from './elements.ts';
import { showUnread } from './unread.ts';
import { say } from './words.ts';

/** What a page of a signed-in user shows. */
export interface View {
  readonly name: Route['name'];
  readonly element: HTMLElement;
  /** Shows what another address of the same page names. */
  readonly follow: (route: Route) => void;
}

export interface ViewOptions {
  readonly token: () => string;
  /** Called with the error when a request of the component failed. */
  readonly onFault: (fault: unknown) => void;
  /** Called with the UUID or id of the notification that is open now. */
  readonly nameItem: (item: string | undefined) => void;
}

export function preferencesView({ token, onFault }: ViewOptions): View {
  const element = component('preferences.js', 'tidings-preferences', token);
  element.addEventListener('tidings-error', (event) => onFault(faultOf(event)));
  return { name: 'preferences', element, follow: () => undefined };
}

const faultOf = (event: Event): unknown => (event as CustomEvent<{ readonly error?: unknown } | null>).detail?.error;

/** The part of the inbox that the page uses. */
interface InboxElement extends HTMLElement {
  /** The id or UUID of the open notification. */
  selected: string | undefined;
}

interface SelectDetail {
  readonly selected: string | null;
  /** Null while it is read. */
  readonly notification: { readonly uuid: string } | null;
}

/** The inbox. The address names the notification that is open. */
export function inboxView(route: Route, { token, onFault, nameItem }: ViewOptions): View {
  const element = component('inbox.js', 'tidings-inbox', token) as InboxElement;
  element.setAttribute('layout', 'page');
  element.addEventListener('tidings-error', (event) => onFault(faultOf(event)));
  element.addEventListener('tidings-counts', (event) => {
    const { unread } = (event as CustomEvent<{ readonly unread: number }>).detail;
    showUnread(unread, say('inbox.title'));
  });
  element.addEventListener('tidings-select', (event) => {
    const { selected, notification } = (event as CustomEvent<SelectDetail>).detail;
    nameItem(notification?.uuid ?? selected ?? undefined);
  });
  const follow = (followed: Route) => {
    element.selected = followed.name === 'inbox' ? followed.item : undefined;
  };
  follow(route);
  return { name: 'inbox', element, follow };
}
