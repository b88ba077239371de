import { createOpenLimit } from '../open-limit.ts';
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
  const limit = createOpenLimit(most, `more than ${most} connections of one user are open`);
  return { open: (viewer) => (viewer.kind === 'anonymous' ? () => undefined : limit.open(viewer.id)) };
}
