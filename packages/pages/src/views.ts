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
  /** To be called when a request of the component failed: the session may have ended. */
  readonly checkSession: () => void;
  readonly goTo: (route: Route) => void;
}

export function preferencesView({ token, checkSession }: ViewOptions): View {
  const element = component('preferences.js', 'tidings-preferences', token);
  element.addEventListener('tidings-error', checkSession);
  return { name: 'preferences', element, follow: () => undefined };
}

/** The inbox. The address names the notification that is open. */
export function inboxView(_route: Route, { token, checkSession }: ViewOptions): View {
  const element = component('inbox.js', 'tidings-inbox', token);
  element.setAttribute('layout', 'page');
  element.addEventListener('tidings-error', checkSession);
  element.addEventListener('tidings-counts', (event) => {
    const { unread } = (event as CustomEvent<{ readonly unread: number }>).detail;
    showUnread(unread, say('inbox.title'));
  });
  return { name: 'inbox', element, follow: () => undefined };
}
