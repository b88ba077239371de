import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { beginInboxes } from './begin-inboxes.ts';
import { changeNotifications } from './change-notifications.ts';
import { findElsewhere } from './find-elsewhere.ts';
import { forgetSenders } from './forget-senders.ts';
import { lockInboxesForMove } from './lock-inboxes-for-move.ts';
import { lockInboxesOf } from './lock-inboxes-of.ts';
import { lockInboxesOfUsers } from './lock-inboxes-of-users.ts';
import { lockOwnInboxes } from './lock-own-inboxes.ts';
import { lockSequence } from './lock-sequence.ts';
import { nextKey } from './next-key.ts';
import { readEmptied } from './read-emptied.ts';
import { removeNotifications } from './remove-notifications.ts';
import { setReadStatusById, setReadStatusByUuid } from './set-read-status.ts';
import { setSequence } from './set-sequence.ts';
import { walkSequence } from './walk-sequence.ts';

/** The statements of notifications and inboxes, as methods of Prisma's models. */
export const notificationMethods = defineMethods('notifications', {
  notification: {
    change: method(changeNotifications),
    remove: method(removeNotifications),
    findElsewhere: method(findElsewhere),
    setReadStatusById: method(setReadStatusById),
    setReadStatusByUuid: method(setReadStatusByUuid),
    forgetSenders: method(forgetSenders),
    lockSequence: method(lockSequence),
    nextKey: method(nextKey),
    walkSequence: method(walkSequence),
    setSequence: method(setSequence),
  },
  inbox: {
    lockOf: method(lockInboxesOf),
    lockForMove: method(lockInboxesForMove),
    lockOfUsers: method(lockInboxesOfUsers),
    lockOwn: method(lockOwnInboxes),
    readEmptied: method(readEmptied),
    begin: method(beginInboxes),
  },
});

export type NotificationMethods = MethodsOf<typeof notificationMethods>;
