import { type Ask, InboxError, isRefusal } from '@tidings/client/request';
import { type Preferences, readPreferences } from './data.ts';
import { asFault, isUnreachable, type Status, statusOf } from './faults.ts';

/** A change that is shown at once and then sent. */
export interface Change {
  /** A change that has not been sent yet is replaced by a later one with the same key. */
  readonly key?: string;
  apply(preferences: Preferences): Preferences;
  /** Sends it. Returns how the answer of the service changes what is shown. */
  send(preferences: Preferences): Promise<(preferences: Preferences) => Preferences>;
}

interface Pending {
  readonly change: Change;
  isSent: boolean;
  readonly done: Promise<boolean>;
  settle(isSaved: boolean): void;
}

/** Least milliseconds between two reads because the page is looked at again. */
const refreshMs = 1_000;
/** Milliseconds between attempts while the service cannot be reached: they double from the first to the most. */
const retryMs = { first: 2_000, most: 120_000 };

/**
 * The preferences of a user as the page shows them: the last answer of the service with the changes that it has not
 * answered yet. Changes are sent one after the other, and rolled back when they are refused.
 */
export class PreferencesStore {
  status: Status = 'loading';
  /** The last read failed, so others may have changed what is shown. */
  isStale = false;
  #stored: Preferences | undefined;
  #shown: Preferences | undefined;
  #pending: Pending[] = [];
  #isSending = false;
  #reading: Promise<void> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = retryMs.first;
  readonly #closing = new AbortController();
  readonly #ask: Ask;
  readonly #onChange: () => void;
  readonly #onFault: (error: InboxError, change: Change | undefined) => void;

  /** @param onFault called when reading fails, and with the change when one is refused and was rolled back */
  constructor(ask: Ask, onChange: () => void, onFault: (error: InboxError, change: Change | undefined) => void) {
    this.#ask = ask;
    this.#onChange = onChange;
    this.#onFault = onFault;
  }

  get preferences(): Preferences | undefined {
    return this.#shown;
  }

  /** As the service stored them. */
  get stored(): Preferences | undefined {
    return this.#stored;
  }

  get isSaving(): boolean {
    return this.#pending.length > 0;
  }

  /** Reads everything, in one request. */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Reads everything again because the page is looked at again; not while changes are on their way. */
  refresh(): void {
    const isGood = this.status === 'ready' && !this.isStale;
    if (this.isSaving || (isGood && performance.now() - this.#readAt < refreshMs)) return;
    void this.read();
  }

  /** Reads again later, because the service could not be reached. */
  #retryLater(): void {
    clearTimeout(this.#retry);
    // A hidden page reads when it is looked at again.
    this.#retry = setTimeout(() => document.visibilityState === 'visible' && void this.read(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.most);
  }

  async #read(): Promise<void> {
    this.#readAt = performance.now();
    clearTimeout(this.#retry);
    if (this.#stored === undefined) this.#become('loading');
    try {
      const found = await readPreferences(this.#ask, this.#closing.signal);
      // A change that was begun meanwhile brings a newer answer.
      if (!this.isSaving) this.#store(found);
      else this.#stored ??= found;
      this.isStale = false;
      this.#retryMs = retryMs.first;
      this.#become('ready');
    } catch (thrown) {
      if (this.#closing.signal.aborted) return;
      const error = asFault(thrown);
      this.#onFault(error, undefined);
      this.isStale = this.#stored !== undefined;
      const status = statusOf(error);
      if (status === 'offline') this.#retryLater();
      this.#become(this.isStale && status !== 'refused' ? 'ready' : status);
    }
  }

  /** Shows a change and sends it after those before it. Returns whether it was saved. */
  change(change: Change): Promise<boolean> {
    const { promise, settle } = settled();
    const replaced = this.#pending.findIndex(
      ({ change: { key }, isSent }) => !isSent && key !== undefined && key === change.key,
    );
    const former = replaced < 0 ? [] : this.#pending.splice(replaced, 1);
    this.#pending.push({
      change,
      isSent: false,
      done: promise,
      settle(isSaved) {
        settle(isSaved);
        for (const one of former) one.settle(isSaved);
      },
    });
    this.#show();
    void this.#send();
    return promise;
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      next.isSent = true;
      const error = await this.#sendOne(next.change);
      if (this.#closing.signal.aborted) return;
      this.#pending.shift();
      if (error !== undefined && isRefusal(error)) this.status = 'refused';
      this.#show();
      if (error !== undefined) {
        this.#onFault(error, next.change);
        // Part of it may be stored.
        if (!isUnreachable(error)) await this.#readStored();
      }
      next.settle(error === undefined);
    }
    this.#isSending = false;
  }

  /** Returns why it was not saved. */
  async #sendOne(change: Change): Promise<InboxError | undefined> {
    const before = this.#stored;
    if (before === undefined) return new InboxError('NETWORK', 'nothing was read yet');
    try {
      const take = await change.send(before);
      this.#stored = take(this.#stored ?? before);
      return undefined;
    } catch (thrown) {
      return asFault(thrown);
    }
  }

  async #readStored(): Promise<void> {
    try {
      this.#stored = await readPreferences(this.#ask, this.#closing.signal);
      this.#show();
    } catch {
      this.isStale = true;
    }
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#closing.abort();
    for (const { settle } of this.#pending.splice(0)) settle(false);
  }

  #store(found: Preferences): void {
    this.#stored = found;
    this.#show();
  }

  #show(): void {
    this.#shown = this.#pending.reduce<Preferences | undefined>(
      (shown, { change }) => shown && change.apply(shown),
      this.#stored,
    );
    if (!this.#closing.signal.aborted) this.#onChange();
  }

  #become(status: Status): void {
    this.status = status;
    this.#show();
  }
}

function settled() {
  let settle: (isSaved: boolean) => void = () => undefined;
  const promise = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}
