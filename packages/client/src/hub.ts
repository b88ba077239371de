import { inboxOf, isAfter } from './cursors.ts';
import type { Follow, FollowStatus, StreamOptions } from './follow.ts';
import type { BackOff } from './keep-following.ts';
import { createLeader } from './leader.ts';
import type { Presence } from './presence.ts';
import { createRecentChanges } from './recent-changes.ts';
import { type InboxChange, resetAt } from './requests.ts';

/*
 * The hubs of all tabs that show one inbox share a Web Lock and a BroadcastChannel. The hub with the lock leads: it
 * follows the inbox and posts each change. The others apply what is posted. A hub that missed a change asks the leader,
 * which keeps the last ones. When the leader's tab closes, the browser gives the lock to another tab, which continues
 * from its own cursor.
 */

/** What hubs tell each other. `cursor` is that of the leader. */
type Message =
  | { readonly kind: 'changes'; readonly changes: readonly InboxChange[]; readonly previous: string }
  /** The inbox must be read again; with `after` only by those who know nothing later. */
  | { readonly kind: 'reset'; readonly cursor: string; readonly after?: string }
  | { readonly kind: 'status'; readonly status: FollowStatus; readonly cursor: string }
  | { readonly kind: 'ask'; readonly after: string }
  | { readonly kind: 'retry' };

/** Something in this page that follows the inbox. */
export interface Attachment extends Pick<StreamOptions, 'connection' | 'onChange' | 'onError'> {
  readonly onStatus: (status: FollowStatus) => void;
  /** The last change that it knows. */
  cursor: string;
}

/** What follows one inbox for everything in this page. */
interface Hub {
  /** Sends what follows the attachment's cursor. Returns a function that detaches. */
  attach(attachment: Attachment): () => void;
}

export interface HubOptions {
  readonly presence: Presence;
  readonly backOff: BackOff;
}

const hubs = new Map<string, Hub>();
/** How long a hub stays open without attachments, in milliseconds: one list may close before the next one opens. */
const lingerMs = 2_000;

/** Follows over the one connection that all tabs share. */
export function byHub(options: HubOptions): Follow {
  return ({ connection, variables, signal, onChange, onStatus = () => undefined, onError }) =>
    new Promise((resolve) => {
      const { after: cursor = '' } = variables;
      const name = `tidings ${new URL(connection.url, globalThis.location?.href)} ${inboxOf(cursor)}`;
      const hub = hubs.get(name) ?? createHub(name, cursor, options);
      hubs.set(name, hub);
      const detach = hub.attach({ connection, cursor, onChange, onStatus, ...(onError && { onError }) });
      const end = () => {
        detach();
        resolve();
      };
      if (signal.aborted) end();
      signal.addEventListener('abort', end);
    });
}

function createHub(name: string, first: string, { presence, backOff }: HubOptions): Hub {
  const attachments = new Set<Attachment>();
  const recent = createRecentChanges(first);
  const leader = createLeader({
    inbox: inboxOf(first),
    attachments,
    presence,
    backOff,
    cursor: recent.cursor,
    onStatus(next) {
      show(next);
      postStatus();
    },
    onChange(change) {
      if (unposted.length === 0) {
        previous = recent.cursor();
        // With the other changes that came together.
        queueMicrotask(postChanges);
      }
      unposted.push(change);
      advance(change);
    },
    onReset(cursor) {
      reset(cursor);
      post({ kind: 'reset', cursor });
    },
    onMoved(cursor) {
      stepDown();
      reset(cursor);
    },
  });
  let status: FollowStatus = 'connecting';
  let channel: BroadcastChannel | undefined;
  let unsubscribe: (() => void) | undefined;
  let lingering: ReturnType<typeof setTimeout> | undefined;
  /** Ends leading, or waiting for the lock. */
  let candidacy: AbortController | undefined;
  let isAsking = false;
  let unposted: InboxChange[] = [];
  /** The cursor before them. */
  let previous = first;

  function post(message: Message): void {
    postChanges();
    channel?.postMessage(message);
  }

  function postStatus(as = status): void {
    post({ kind: 'status', status: as, cursor: recent.cursor() });
  }

  function postChanges(): void {
    if (unposted.length > 0) channel?.postMessage({ kind: 'changes', changes: unposted, previous } satisfies Message);
    unposted = [];
  }

  function show(next: FollowStatus): void {
    status = next;
    for (const { onStatus } of [...attachments]) onStatus(next);
  }

  function deliver(attachment: Attachment, change: InboxChange): void {
    if (isAfter(attachment.cursor, change.cursor)) return;
    attachment.cursor = change.cursor;
    attachment.onChange(change);
  }

  function advance(change: InboxChange): void {
    recent.add(change);
    for (const attachment of [...attachments]) deliver(attachment, change);
  }

  /** Makes everything in this page read again. */
  function reset(cursor: string): void {
    recent.restart(cursor);
    for (const { onChange } of [...attachments]) onChange(resetAt(cursor));
  }

  function ask(): void {
    if (isAsking) return;
    isAsking = true;
    post({ kind: 'ask', after: recent.cursor() });
  }

  function receive(message: Message): void {
    if (!leader.isLeading()) learn(message);
    else if (message.kind === 'retry') leader.retry();
    else if (message.kind === 'ask') {
      const { after } = message;
      const changes = recent.after(after);
      if (changes) post({ kind: 'changes', changes, previous: after });
      else post({ kind: 'reset', cursor: recent.cursor(), after });
      postStatus();
    }
  }

  /** Applies what the leader says. */
  function learn(message: Message): void {
    const cursor = recent.cursor();
    if (message.kind === 'changes') {
      if (isAfter(message.previous, cursor)) ask();
      else for (const change of message.changes) isAfter(cursor, change.cursor) || advance(change);
    } else if (message.kind === 'reset') {
      if (!message.after || !isAfter(cursor, message.after)) reset(message.cursor);
    } else if (message.kind === 'status') {
      if (message.status !== status) show(message.status);
      // What was asked is answered before; a new leader does not know what the previous one was asked.
      isAsking = false;
      if (isAfter(message.cursor, cursor)) ask();
    }
  }

  /** Waits for the lock and leads while it has it. Without locks or channels each tab leads for itself. */
  async function stand(): Promise<void> {
    if (candidacy || attachments.size === 0 || presence.isAway() || !leader.canLead()) return;
    const own = new AbortController();
    candidacy = own;
    const { signal } = own;
    const lead = () => {
      isAsking = false;
      return leader.lead(signal);
    };
    try {
      if (channel) await navigator.locks.request(name, { signal }, lead);
      else await lead();
    } catch {
      // Pages without an origin of their own have no locks.
      if (!signal.aborted) await lead();
    }
    if (candidacy === own) candidacy = undefined;
  }

  function stepDown(): void {
    candidacy?.abort();
    candidacy = undefined;
  }

  function leave(): void {
    const wasLeading = leader.isLeading();
    stepDown();
    if (!wasLeading) return;
    show('waiting');
    // Another tab takes over.
    postStatus('connecting');
  }

  /** Catches up, and leads if no other tab does. */
  function returnToPage(): void {
    isAsking = false;
    if (!leader.isLeading()) {
      ask();
      post({ kind: 'retry' });
    }
    void stand();
  }

  function open(): void {
    if (unsubscribe) return;
    if (globalThis.navigator?.locks && typeof BroadcastChannel !== 'undefined') {
      channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }: MessageEvent<Message>) => receive(data);
      ask();
    }
    unsubscribe = presence.subscribe((event) => {
      if (event === 'away') leave();
      else if (event === 'back') returnToPage();
      else leader.reconnect();
    });
  }

  function close(): void {
    stepDown();
    unsubscribe?.();
    channel?.close();
    hubs.delete(name);
  }

  return {
    attach(attachment) {
      clearTimeout(lingering);
      attachments.add(attachment);
      open();
      queueMicrotask(() => {
        if (!attachments.has(attachment)) return;
        const missed = recent.after(attachment.cursor);
        if (!missed) return attachment.onChange(resetAt(recent.cursor()));
        for (const change of missed) deliver(attachment, change);
        attachment.onStatus(status);
        // Its page was just read: the service is reachable.
        if (status === 'waiting') leader.isLeading() ? leader.retry() : post({ kind: 'retry' });
        void stand();
      });
      return () => {
        attachments.delete(attachment);
        if (attachments.size === 0) lingering = setTimeout(close, lingerMs);
      };
    },
  };
}
