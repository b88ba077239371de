/** Bytes of answers and messages that are made but have not been taken by their peers, of the whole process. */
export interface Unsent {
  /**
   * Counts so many bytes for a peer; the answer, which may be called again, counts them off. Undefined: there is no
   * room for them.
   */
  add(peer: string, bytes: number): (() => void) | undefined;
  /** Counts them whether there is room or not: what cannot be taken back, such as the answer to a write. */
  force(peer: string, bytes: number): () => void;
  /** Whether as much waits for this peer as one may have. */
  isFull(peer: string): boolean;
}

/** What is smaller, in bytes, is not worth counting: the number of connections bounds it. */
export const smallBytes = 64 * 1024;

/** The part of all that one peer may have: whoever takes nothing must leave something for the others. */
const share = 0.5;

/** @param maxBytes for all peers together. */
export function createUnsent(maxBytes: number): Unsent {
  const byPeer = new Map<string, number>();
  let total = 0;

  function change(peer: string, bytes: number): void {
    total += bytes;
    const left = (byPeer.get(peer) ?? 0) + bytes;
    if (left === 0) byPeer.delete(peer);
    else byPeer.set(peer, left);
  }

  function force(peer: string, bytes: number): () => void {
    change(peer, bytes);
    let isCounted = true;
    return () => {
      if (isCounted) change(peer, -bytes);
      isCounted = false;
    };
  }

  return {
    add(peer, bytes) {
      const own = byPeer.get(peer) ?? 0;
      // One answer for which nothing has to make way goes through, however large: nobody could ever have it otherwise.
      if (own > 0 && own + bytes > share * maxBytes) return undefined;
      if (total > 0 && total + bytes > maxBytes) return undefined;
      return force(peer, bytes);
    },
    force,
    isFull: (peer) => (byPeer.get(peer) ?? 0) >= share * maxBytes,
  };
}
