import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method, queryMethod } from '../../database/statement.ts';
import { copyOldTexts } from '../texts/sql/copy-old-texts.ts';
import { copyQueuedTexts } from '../texts/sql/copy-queued-texts.ts';
import { mergePending } from '../texts/sql/merge-pending.ts';
import { readLocale } from '../texts/sql/read-locale.ts';
import { removeTexts } from '../texts/sql/remove-texts.ts';
import { vacuumQueue } from '../texts/sql/vacuum-queue.ts';
import { advanceSequence } from './advance-sequence.ts';
import { beginInboxes } from './begin-inboxes.ts';
import type { BulkChanged } from './change-inbox.ts';
import { changeNotifications } from './change-notifications.ts';
import type { Stored } from './create-part.ts';
import { dueInboxes } from './due-inboxes.ts';
import { endSnoozes } from './end-snoozes.ts';
import { findElsewhere } from './find-elsewhere.ts';
import { findOld } from './find-old.ts';
import { forgetSenders } from './forget-senders.ts';
import { inboxesToPurge } from './inboxes-to-purge.ts';
import { lockInbox } from './lock-inbox.ts';
import { lockInboxesForMove } from './lock-inboxes-for-move.ts';
import { lockInboxesOf } from './lock-inboxes-of.ts';
import { lockInboxesOfUsers } from './lock-inboxes-of-users.ts';
import { lockOwnInboxes } from './lock-own-inboxes.ts';
import { lockSequence } from './lock-sequence.ts';
import { markReadStep } from './mark-read-step.ts';
import { markSeen } from './mark-seen.ts';
import { nextDue } from './next-due.ts';
import { nextKey } from './next-key.ts';
import { purgeNotifications } from './purge-notifications.ts';
import { purgeTombstones } from './purge-tombstones.ts';
import { readEmptied } from './read-emptied.ts';
import { readEventRows } from './read-events.ts';
import { readFigures } from './read-figures.ts';
import { readInboxChanges } from './read-inbox-changes.ts';
import { removeNotifications } from './remove-notifications.ts';
import type { Touched } from './rows.ts';
import { sampleDrift } from './sample-drift.ts';
import { setReadStatus } from './set-read-status.ts';
import { setSequence } from './set-sequence.ts';
import { tryRetentionLock } from './try-retention-lock.ts';
import { undoOperation } from './undo-operation.ts';

/** The statements of notifications and inboxes, as methods of Prisma's models. */
export const notificationMethods = defineMethods('notifications', {
  notification: {
    query: queryMethod,
    /** A statement built by `insertNotification` or `insertNotifications`. */
    insert: queryMethod<Stored>,
    readEvents: method(readEventRows),
    change: method(changeNotifications),
    remove: method(removeNotifications),
    findElsewhere: method(findElsewhere),
    setReadStatusById: method(setReadStatus('id')),
    setReadStatusByUuid: method(setReadStatus('uuid')),
    tryRetentionLock: method(tryRetentionLock),
    findOld: method(findOld),
    purge: method(purgeNotifications),
    forgetSenders: method(forgetSenders),
    lockSequence: method(lockSequence),
    nextKey: method(nextKey),
    advanceSequence: method(advanceSequence),
    setSequence: method(setSequence),
  },
  notificationText: {
    copyQueued: method(copyQueuedTexts),
    copyOld: method(copyOldTexts),
    removeSome: method(removeTexts),
    readLocale: method(readLocale),
    mergePending: method(mergePending),
    vacuumQueue: method(vacuumQueue),
  },
  inbox: {
    lock: method(lockInbox),
    markReadStep: method(markReadStep),
    markSeen: method(markSeen),
    /** A statement built by `changeInbox`. */
    change: queryMethod<BulkChanged>,
    undo: method(undoOperation),
    due: method(dueInboxes),
    nextDue: method(nextDue),
    endSnoozes: method(endSnoozes),
    /** A statement built by `archiveExpired` or `deleteExpired`. */
    expire: queryMethod<Touched>,
    toPurge: method(inboxesToPurge),
    sampleDrift: method(sampleDrift),
    purgeTombstones: method(purgeTombstones),
    readChanges: method(readInboxChanges),
    readFigures: method(readFigures),
    lockOf: method(lockInboxesOf),
    lockForMove: method(lockInboxesForMove),
    lockOfUsers: method(lockInboxesOfUsers),
    lockOwn: method(lockOwnInboxes),
    readEmptied: method(readEmptied),
    begin: method(beginInboxes),
  },
});

export type NotificationMethods = MethodsOf<typeof notificationMethods>;
