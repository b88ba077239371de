import { may } from '../auth/rights.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { failedValidation, forbiddenCollection, invalidQuery } from '../errors.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { idOrMe } from '../users/ids-of.ts';
import { parseUuid } from '../values.ts';
import type { AuditAction, AuditEntry } from './model.ts';

interface AuditContext extends Pick<Context, 'viewer'> {
  readonly prisma: ServicePrisma<UserKeyMethods>;
}

/** Which entries, and which page of them. */
export interface AuditQuery {
  /** Whose data it was: `me`, or any key of a user. An erased user is named by the uuid. */
  readonly user?: string | null | undefined;
  readonly action?: AuditAction | null | undefined;
  readonly limit?: number | null | undefined;
  /** The id of the last entry of the previous page. */
  readonly after?: string | null | undefined;
}

const pageSize = 100;
const maxPageSize = 1000;

/**
 * A page of the audit log, newest first.
 * @throws ServiceError FORBIDDEN unless the viewer may read it; INVALID_QUERY for a limit out of bounds;
 * FAILED_VALIDATION for a malformed `after`, or a text that names two users.
 */
export async function listAudit({ prisma, viewer }: AuditContext, query: AuditQuery): Promise<AuditEntry[]> {
  if (viewer.kind === 'anonymous' || !may(viewer, 'audit.read')) throw forbiddenCollection('audit_log', 'read');
  const { user, action, limit, after } = query;
  const take = limit ?? pageSize;
  if (take < 0 || take > maxPageSize) throw invalidQuery(`"limit" must be between 0 and ${maxPageSize}`);
  const before = after === undefined || after === null ? undefined : parseUuid(after);
  if (before === null) throw failedValidation('after', 'uuid', 'must be a UUID');
  const user_id = user === undefined || user === null ? undefined : await idOrMe(prisma, viewer, user, true);
  // A name that names nobody has no entries.
  if (user_id === null) return [];
  return prisma.auditEntry.findMany({
    where: {
      ...(user_id !== undefined && { user_id }),
      ...(action && { action }),
      ...(before !== undefined && { id: { lt: before } }),
    },
    orderBy: { id: 'desc' },
    take,
  });
}
