import type { InboxAction, InboxOperation } from '@tidings/client';

/** An action that people may take back. */
export interface Done {
  readonly action: InboxAction;
  /** Number of notifications; undefined while the service has not said how many it changed. */
  readonly count: number | undefined;
  /** The service's answer; rejects when it refused. */
  readonly operation: Promise<Pick<InboxOperation, 'id' | 'changed' | 'undoableUntil'>>;
  readonly at: number;
}

/** How long the service can undo an operation, in milliseconds. */
const undoableMs = 600_000;
/** Actions that are remembered. */
const depth = 50;

/** The last actions, the newest last. Immutable. */
export type UndoStack = readonly Done[];

export function push(stack: UndoStack, done: Done): UndoStack {
  return [...stack, done].slice(-depth);
}

/** The newest action that can still be undone at `now`. */
export function newest(stack: UndoStack, now: number): Done | undefined {
  return stack.findLast(({ at }) => now - at < undoableMs);
}

export function without(stack: UndoStack, done: Done): UndoStack {
  return stack.filter((one) => one !== done);
}
