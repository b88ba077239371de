import { inboxOwner } from './access.ts';
import type { WriteContext } from './context.ts';

/**
 * Marks everything in the viewer's own inbox as seen that was shown at the version `upTo` or before; undefined: all.
 * Writes one row, however many notifications it is about, and nothing if all of them are seen.
 * @throws ServiceError INVALID_CREDENTIALS for anonymous viewers, who have no inbox; FORBIDDEN without the right.
 */
export async function markInboxSeen({ prisma, bus, viewer }: WriteContext, upTo?: number): Promise<void> {
  const { id: recipient } = inboxOwner(viewer, 'update');
  const version = await prisma.$statements(async ({ inbox }) => {
    const [locked] = await inbox.lock(recipient);
    if (locked === undefined) return undefined;
    const [marked] = await inbox.markSeen(recipient, Math.min(upTo ?? locked.version, locked.version));
    return marked?.version;
  });
  if (version !== undefined) bus.publish([{ recipient, from: version - 1, to: version }]);
}
