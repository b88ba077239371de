import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { findAnswer } from './find-answer.ts';
import { keepAnswer } from './keep-answer.ts';
import { lockKey } from './lock-key.ts';
import { purgeAnswers } from './purge-answers.ts';

/** The statements of idempotency keys, as methods of Prisma's models. */
export const idempotencyMethods = defineMethods('idempotency', {
  idempotencyKey: {
    lock: method(lockKey),
    findAnswer: method(findAnswer),
    keep: method(keepAnswer),
    purge: method(purgeAnswers),
  },
});

export type IdempotencyMethods = MethodsOf<typeof idempotencyMethods>;
