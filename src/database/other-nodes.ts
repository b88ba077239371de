import type { DatabaseView } from './view.ts';

/** Who is told of other nodes on the same database. */
export interface OtherNodesOptions {
  /** Told once when another node works on this database, and again only after this one was alone. */
  readonly onOtherNodes?: (() => void) | undefined;
  /** Told at each look while a node of a version that holds no lock is connected, and once after it. */
  readonly onOldNodes?: (() => void) | undefined;
}

/** A node that was killed may be seen for a moment after its end: others are told of after so many looks. */
const looksUntilTold = 3;

/** Tells of other nodes, given what each look shows of them. */
export function watchOtherNodes({
  onOtherNodes,
  onOldNodes,
}: OtherNodesOptions): (view: Pick<DatabaseView, 'nodes' | 'has_old_nodes'>) => void {
  let looks = 0;
  let hadOldNodes = false;
  return ({ nodes, has_old_nodes }) => {
    looks = nodes > 1 || has_old_nodes ? looks + 1 : 0;
    if (looks === looksUntilTold) onOtherNodes?.();
    if (has_old_nodes || hadOldNodes) onOldNodes?.();
    hadOldNodes = has_old_nodes;
  };
}
