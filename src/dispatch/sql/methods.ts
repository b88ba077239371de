import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { endExpiredLeases } from './end-expired-leases.ts';
import { enqueueDeliveries } from './enqueue-deliveries.ts';
import { enqueuePasswordReset } from './enqueue-password-reset.ts';
import { expireQueued } from './expire-queued.ts';
import { insertDelivered } from './insert-delivered.ts';
import { leaseDeliveries } from './lease-deliveries.ts';
import { purgeDeliveryStep } from './purge-delivery-step.ts';
import { purgePayloadStep } from './purge-payload-step.ts';
import { queueAgain } from './queue-again.ts';
import { queueDepth } from './queue-depth.ts';
import { readMessageFacts } from './read-message-facts.ts';
import { readRecipients } from './read-recipients.ts';
import { resetLostLeases } from './reset-lost-leases.ts';
import { settleDeliveries } from './settle-deliveries.ts';
import { sweepOrphanStep } from './sweep-orphan-step.ts';
import { takeSweepLock } from './take-sweep-lock.ts';

/** The statements of the dispatcher, as methods of Prisma's models. */
export const dispatchMethods = defineMethods('dispatch', {
  delivery: {
    enqueue: enqueueDeliveries,
    enqueuePasswordReset: method(enqueuePasswordReset),
    readMessageFacts: method(readMessageFacts),
    readRecipients,
    lease: method(leaseDeliveries({ isCrashSuspect: false })),
    leaseCrashSuspects: method(leaseDeliveries({ isCrashSuspect: true })),
    settle: settleDeliveries,
    toInboxes: method(insertDelivered({ skipLocked: false })),
    toUnlockedInboxes: method(insertDelivered({ skipLocked: true })),
    queueAgain: method(queueAgain),
    purgeStep: method(purgeDeliveryStep),
    takeSweepLock: method(takeSweepLock),
    sweepOrphanStep: method(sweepOrphanStep),
  },
  payload: {
    purgeStep: method(purgePayloadStep),
  },
  deliveryLease: {
    endExpired: method(endExpiredLeases),
  },
  queuedDelivery: {
    expire: method(expireQueued),
    depth: method(queueDepth),
    resetLostLeases: method(resetLostLeases),
  },
});

export type DispatchMethods = MethodsOf<typeof dispatchMethods>;
