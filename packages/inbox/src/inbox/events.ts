import type { InboxItem } from '@tidings/client/shared';

/** Sends an event through all shadow roots. Returns false when it was cancelled. */
export function emitEvent(element: EventTarget, type: string, detail: object, isCancelable: boolean): boolean {
  return element.dispatchEvent(
    new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: isCancelable }),
  );
}

/** Tells the page before a link in a message is followed; a page that routes by itself cancels it. */
export function follow(element: EventTarget, event: Event, notification: InboxItem | undefined): void {
  const link = event.composedPath().find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
  if (!link?.href || !notification || !link.closest('.pane')) return;
  if (!emitEvent(element, 'tidings-open', { notification, url: link.href }, true)) event.preventDefault();
}
