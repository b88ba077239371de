import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { findChangedInboxes } from './find-changed-inboxes.ts';

/** The statement of feeds, as a method of Prisma's model. */
export const liveMethods = defineMethods('live', {
  inbox: {
    findChanged: method(findChangedInboxes),
  },
});

export type LiveMethods = MethodsOf<typeof liveMethods>;
