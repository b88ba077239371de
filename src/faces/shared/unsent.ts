/** Counts the bytes of unsent answers and messages in the whole process. */
export interface Unsent {
  /**
   * Adds bytes for a peer. Returns an idempotent function that subtracts them, or undefined if they exceed a
   * limit.
   */
  add(peer: string, bytes: number): (() => void) | undefined;
  /** Adds bytes regardless of the limits, for answers that must be sent, such as those to writes. */
  force(peer: string, bytes: number): () => void;
  /** Whether the peer has reached its limit. */
  isFull(peer: string): boolean;
}

/** Smaller answers, in bytes, are not counted: the number of connections bounds them. */
export const smallBytes = 64 * 1024;

/** The share of `maxBytes` that one peer may have, so that a peer that reads nothing leaves room for others. */
const share = 0.5;

/** @param maxBytes limit for all peers together. */
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
      // A single answer is allowed however large it is, else it could never be sent.
      if (own > 0 && own + bytes > share * maxBytes) return undefined;
      if (total > 0 && total + bytes > maxBytes) return undefined;
      return force(peer, bytes);
    },
    force,
    isFull: (peer) => (byPeer.get(peer) ?? 0) >= share * maxBytes,
  };
}
