import { requestsExceeded } from '../errors.ts';
import type { Viewer } from './viewer.ts';

/** Counts the open connections of each user. */
export interface Connections {
  /**
   * Counts a connection. Returns a function that releases it and may be called repeatedly. Anonymous viewers are not
   * counted.
   * @throws ServiceError REQUESTS_EXCEEDED when the user has the maximum number of connections.
   */
  open(viewer: Viewer): () => void;
}

/** @param most maximum number of concurrent connections per user. */
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
