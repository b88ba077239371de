import type { DatabaseView } from './view.ts';

/** Callbacks about other nodes on the same database. */
export interface OtherNodesOptions {
  /**
   * Called once when another node uses this database. Called again only after this node has been the only one for a
   * while.
   */
  readonly onOtherNodes?: (() => void) | undefined;
  /**
   * Called at each check while a node of an old version is connected, and once more when there is none. Such nodes hold
   * no lock.
   */
  readonly onOldNodes?: (() => void) | undefined;
}

/** Number of consecutive checks that must show another node, because a killed node stays visible for a moment. */
const checksUntilReported = 3;

/** Returns a function to call with the result of each check. */
export function watchOtherNodes({
  onOtherNodes,
  onOldNodes,
}: OtherNodesOptions): (view: Pick<DatabaseView, 'nodes' | 'has_old_nodes'>) => void {
  let checks = 0;
  let hadOldNodes = false;
  return ({ nodes, has_old_nodes }) => {
    checks = nodes > 1 || has_old_nodes ? checks + 1 : 0;
    if (checks === checksUntilReported) onOtherNodes?.();
    if (has_old_nodes || hadOldNodes) onOldNodes?.();
    hadOldNodes = has_old_nodes;
  };
}
