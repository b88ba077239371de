import { requestsExceeded } from '../errors.ts';
import type { Viewer } from './viewer.ts';

/** Counts the open connections of each user. */
export interface Connections {
  /**
   * Counts one more; the answer, which may be called again, counts it off. The anonymous are not counted.
   * @throws ServiceError REQUESTS_EXCEEDED when the user has as many as one may have.
   */
  open(viewer: Viewer): () => void;
}

/** @param most connections of one user at one time. */
export function createConnections(most: number): Connections {
  const counts = new Map<string, number>();
  return {
    open(viewer) {
      if (viewer.kind === 'anonymous') return () => undefined;
      const { id } = viewer;
      const count = counts.get(id) ?? 0;
      if (count >= most) throw requestsExceeded(`more than ${most} connections of one user are open`);
      counts.set(id, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (counts.get(id) ?? 1) - 1;
        if (left === 0) counts.delete(id);
        else counts.set(id, left);
      };
    },
  };
}
