import { pageSettings } from './dom.ts';

/** Shows the number of unread notifications in the title of the page and on the icon of the installed application. */
export function showUnread(unread: number, title: string): void {
  const count = unread > 0 ? `(${unread}) ` : '';
  setTitle(count + title);
  setBadge(unread);
}

export function setTitle(title: string): void {
  document.title = `${title} · ${pageSettings().name}`;
}

/** @param unread 0 removes the badge. Not all browsers have badges, and others only for installed applications. */
export function setBadge(unread: number): void {
  if (!('setAppBadge' in navigator)) return;
  const set = unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge();
  set.catch(() => undefined);
}
