/**
 * Locks the table against writers, so that every row either exists before the triggers are created or is queued by
 * them. Prisma has no API for table locks.
 */
export const lockNotifications = 'lock table notifications in share row exclusive mode';
