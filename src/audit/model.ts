import type { AuditEntry } from '../generated/prisma/client.ts';

/** What is recorded. `erase_user` is the request, `user_erased` its end. */
export const auditActions = ['export_user', 'erase_user', 'user_erased'] as const;
export type AuditAction = (typeof auditActions)[number];

/** A row of the audit log, as Prisma returns it. */
export type { AuditEntry } from '../generated/prisma/client.ts';

/** What one entry says, besides its id and time. */
export interface NewAuditEntry extends Pick<AuditEntry, 'actor' | 'user_id'> {
  readonly action: AuditAction;
  /** Numbers and flags only: entries outlive the user, so they hold no personal data. */
  readonly details?: Readonly<Record<string, number | boolean>>;
}
