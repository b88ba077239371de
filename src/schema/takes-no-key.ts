import type { FieldExtensions } from './builder.ts';

/** Of a mutation that returns a secret: an answer that belongs to an idempotency key is stored as plain text. */
export const returnsSecret = {
  takesNoKey: 'its answer may hold a secret, which is not stored',
} as const satisfies FieldExtensions;

/** Of a mutation that writes outside the transaction of its operation. */
export const writesAlone = {
  takesNoKey: 'it cannot be undone together with other changes',
} as const satisfies FieldExtensions;
