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
import { readEmptied } from './read-emptied.ts';
import { removeNotifications } from './remove-notifications.ts';
import { setReadStatusById, setReadStatusByUuid } from './set-read-status.ts';

/** The statements of notifications and inboxes, as methods of Prisma's models. */
export const notificationMethods = defineMethods('notifications', {
  notification: {
    change: method(changeNotifications),
    remove: method(removeNotifications),
    findElsewhere: method(findElsewhere),
    setReadStatusById: method(setReadStatusById),
    setReadStatusByUuid: method(setReadStatusByUuid),
    forgetSenders: method(forgetSenders),
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
