import { defineMethods, type MethodsOf } from '../../database/prisma.ts';
import { method } from '../../database/statement.ts';
import { claimKey } from './claim-key.ts';
import { keepAnswer } from './keep-answer.ts';
import { purgeAnswers } from './purge-answers.ts';

/** The statements of idempotency keys, as methods of Prisma's models. */
export const idempotencyMethods = defineMethods('idempotency', {
  idempotencyKey: {
    claim: method(claimKey),
    keep: method(keepAnswer),
    purge: method(purgeAnswers),
  },
});

export type IdempotencyMethods = MethodsOf<typeof idempotencyMethods>;
