import type { Ask } from '@tidings/client/request';
import type { InboxItem } from '@tidings/client/shared';
import type { ReactiveController, ReactiveControllerHost } from 'lit';

const fields = `id uuid timestamp status state read_at seen saved_at snoozed_until archived_at expires_at shown_at subject message
  icon actions { label url } template_id targets collection item`;
const document = `query ($filter: directus_notifications_filter) { notifications(limit: 1, filter: $filter) { ${fields} } }`;

/** Only the person's own: an admin may read the notifications of others, too. */
const isOwn = { recipient: { id: { _eq: '$CURRENT_USER' } } };

export type OpenedState = 'none' | 'loading' | 'open' | 'missing' | 'failed';

/** The notification that is open: from the list, or read by itself when the list has not loaded it. */
export class Opened implements ReactiveController {
  state: OpenedState = 'none';
  item: InboxItem | undefined;
  /** Safe HTML of its message; undefined while the converter is loaded. */
  html: string | undefined;
  readonly #host: ReactiveControllerHost;
  #key: string | undefined;
  /** Whether the caller knows that the notification is open. */
  #isTold = true;
  #htmlOf: string | null | undefined;
  #reading: AbortController | undefined;
  #convert: ((message: string) => string) | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Follows what is selected and what is listed. Returns true once when another notification is open. */
  update(key: string | undefined, items: readonly InboxItem[], ask: Ask | undefined): boolean {
    const isOther = key !== this.#key;
    if (isOther) {
      this.#key = key;
      this.#reading?.abort();
      this.#reading = undefined;
      this.item = undefined;
      this.state = key === undefined ? 'none' : 'loading';
      this.#isTold = false;
    }
    if (key === undefined) return false;
    const listed = items.find(({ id, uuid }) => id === key || uuid === key);
    if (listed) this.#set(listed);
    else if (this.state === 'loading' && ask && !this.#reading) void this.#read(key, ask);
    if (this.#isTold || this.state !== 'open') return false;
    this.#isTold = true;
    return true;
  }

  /** Shows a state that the list does not have. */
  set(item: InboxItem | undefined): void {
    if (item) this.#set(item);
  }

  #set(item: InboxItem): void {
    this.item = item;
    this.state = 'open';
    if (item.message === this.#htmlOf) return;
    this.#htmlOf = item.message;
    this.html = item.message ? this.#convert?.(item.message) : '';
    if (this.html === undefined) void this.#load();
  }

  async #load(): Promise<void> {
    try {
      // Only who reads messages needs it: it is as large as the rest of the client.
      const { toSafeHtml } = await import('@tidings/client/text');
      this.#convert = toSafeHtml;
      this.html = toSafeHtml(this.#htmlOf ?? '');
    } catch {
      // Offline, for example. The next message tries again.
      this.#htmlOf = undefined;
      this.state = 'failed';
    }
    this.#host.requestUpdate();
  }

  async #read(key: string, ask: Ask): Promise<void> {
    const reading = new AbortController();
    this.#reading = reading;
    const isKey = /^\d{1,15}$/.test(key) ? { id: { _eq: Number(key) } } : { uuid: { _eq: key } };
    try {
      const { notifications } = await ask<{ readonly notifications: readonly InboxItem[] }>(
        document,
        { filter: { ...isKey, ...isOwn } },
        reading.signal,
      );
      if (reading.signal.aborted) return;
      const [item] = notifications;
      if (item) this.#set(item);
      else this.state = 'missing';
    } catch (error) {
      if (reading.signal.aborted) return;
      this.state = (error as { readonly code?: string }).code === 'NETWORK' ? 'failed' : 'missing';
    }
    this.#host.requestUpdate();
  }

  /** Reads again what could not be read. */
  retry(): void {
    this.#reading = undefined;
    this.state = 'loading';
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    this.#reading?.abort();
    this.#reading = undefined;
  }
}
