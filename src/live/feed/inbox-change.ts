import type { InboxBatch } from '../../notifications/inbox-changes.ts';
import type { Notification, NotificationId } from '../../notifications/model.ts';
import { encodeCursor } from './cursor.ts';

export const changeKinds = ['created', 'updated', 'deleted', 'reset'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What happened to one notification of an inbox, with the inbox at the moment it was read. */
export interface InboxChange {
  readonly kind: ChangeKind;
  /** As it is now; also when it is `deleted` because it no longer matches. Null when it is gone, and for a `reset`. */
  readonly notification: Notification | null;
  /** Null for a `reset`. */
  readonly key: NotificationId | null;
  readonly unread: number;
  readonly total: number;
  /** Where to read on from after this. */
  readonly cursor: string;
}

/** Whose inbox in which store. */
export interface InboxName {
  readonly database: string;
  readonly recipient: string;
}

/**
 * One step of a batch as its subscribers are told it. What is told is one object for all who are told the same, so
 * that whatever is made of it is made once.
 */
export interface StepChange {
  readonly version: number;
  /** The row as it is now; null when it is gone. */
  readonly notification: Notification | null;
  told(kind: Exclude<ChangeKind, 'reset'>): InboxChange;
}

/** The steps of a batch, each with the inbox as it was when the batch was read. */
export function changesOf(
  inbox: InboxName,
  { steps, unread, total }: Pick<InboxBatch, 'steps' | 'unread' | 'total'>,
): StepChange[] {
  return steps.map((step) => {
    const { version } = step;
    const notification = 'gone' in step ? null : step.notification;
    const key = 'gone' in step ? step.gone : step.notification.id;
    const made = new Map<ChangeKind, InboxChange>();
    let cursor: string | undefined;
    return {
      version,
      notification,
      told(kind) {
        cursor ??= encodeCursor({ ...inbox, version });
        const change = made.get(kind) ?? { kind, notification, key, unread, total, cursor };
        made.set(kind, change);
        return change;
      },
    };
  });
}

/**
 * What a subscriber is told of a step: a row that matches was created or updated, one that does not left what is
 * followed. Nothing is told of a row that is new, does not match and is as it was made; one that changed since may have
 * been among the unread that were told before.
 * @param after the version up to which the subscriber was told before.
 */
export function toldTo(
  { matches, after }: { readonly matches: (row: Notification) => boolean; readonly after: number },
  step: StepChange,
): InboxChange | undefined {
  const { notification } = step;
  if (notification === null) return step.told('deleted');
  const isNew = notification.created_version > after;
  if (matches(notification)) return step.told(isNew ? 'created' : 'updated');
  return isNew && notification.version === notification.created_version ? undefined : step.told('deleted');
}

/** That the inbox has to be read again, and from where its changes follow. */
export function resetOf(
  inbox: InboxName,
  { version, unread, total }: Pick<InboxBatch, 'version' | 'unread' | 'total'>,
): InboxChange {
  return { kind: 'reset', notification: null, key: null, unread, total, cursor: encodeCursor({ ...inbox, version }) };
}
