/**
 * Locks the table against writers, so that every row is either there before its triggers are created or queued by them.
 * Prisma has no table locks.
 */
export const lockNotifications = 'lock table notifications in share row exclusive mode';
