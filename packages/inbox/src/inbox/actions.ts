import type { InboxAction, InboxItem, InboxOperation } from '@tidings/client/shared';
import type { List } from './list.ts';
import { newest, push, type UndoStack, without } from './undo-stack.ts';

/** Which notifications to change: those with these keys, or all that the list's filter lists. */
export type Target = { readonly keys: readonly string[] } | 'all';

/** The detail of `tidings-action`. */
export interface ActionDetail {
  readonly action: InboxAction;
  /** The keys of the notifications; undefined if all that the filter lists are meant. */
  readonly keys?: readonly string[];
  readonly all?: true;
  /** For `snooze`. */
  readonly until?: Date;
  /** Where it is one that is loaded. */
  readonly notification?: InboxItem;
}

/** What a toast says. */
export type Report =
  | { readonly kind: 'done'; readonly action: InboxAction; readonly count: number; readonly isUndoable: boolean }
  | { readonly kind: 'undone'; readonly count: number }
  | { readonly kind: 'failed'; readonly isOffline: boolean };

export interface ActionOptions {
  readonly until?: Date;
  /** Without a toast, and not for undo: what opening a notification does. */
  readonly isSilent?: boolean;
}

export interface Actions {
  /** Returns false when the host cancelled it. */
  perform(action: InboxAction, target: Target, options?: ActionOptions): boolean;
  /** Takes back the newest action, if the service still can. */
  undo(): void;
}

interface ActionsOptions {
  readonly list: List;
  /** Tells the host; false cancels. */
  readonly announce: (detail: ActionDetail) => boolean;
  /** Called before it is sent. */
  readonly onPerform: (action: InboxAction, target: Target) => void;
  readonly report: (report: Report) => void;
  readonly onError: (error: unknown) => void;
}

export function createActions({ list, announce, onPerform, report, onError }: ActionsOptions): Actions {
  let stack: UndoStack = [];

  function fail(error: unknown): void {
    const code = (error as { readonly code?: string }).code;
    report({ kind: 'failed', isOffline: code === 'NETWORK' });
    onError(error);
  }

  function send(action: InboxAction, target: Target, until: Date | undefined): Promise<InboxOperation> {
    const live = list.live();
    if (!live) return Promise.reject(new Error('there is no service'));
    const { cursor, keys } = list.view();
    const options = { ...(until && { until }) };
    if (target !== 'all') return live.change(action, { ...options, keys: target.keys });
    // What came and was held back is left as it is: nobody has seen it.
    return live.change(action, { ...options, ...(cursor && { upTo: cursor, shown: keys }) });
  }

  return {
    perform(action, target, { until, isSilent = false } = {}) {
      const keys = target === 'all' ? undefined : target.keys;
      if (keys?.length === 0) return true;
      const notification = keys?.length === 1 ? list.view().items.find(({ id }) => id === keys[0]) : undefined;
      const goesOn = announce({
        action,
        ...(keys ? { keys } : { all: true }),
        ...(until && { until }),
        ...(notification && { notification }),
      });
      if (!goesOn) return false;
      onPerform(action, target);
      const operation = send(action, target, until);
      list.finish(operation);
      operation.catch(fail);
      if (isSilent) return true;
      const isUndoable = action !== 'delete';
      const done = { action, count: keys?.length, operation, at: Date.now() };
      if (isUndoable) stack = push(stack, done);
      // How many "all" are, only the service knows.
      if (keys) report({ kind: 'done', action, count: keys.length, isUndoable });
      operation.then(
        ({ changed }) => {
          if (!keys) report({ kind: 'done', action, count: changed, isUndoable: isUndoable && changed > 0 });
        },
        () => {
          stack = without(stack, done);
        },
      );
      return true;
    },
    undo() {
      const done = newest(stack, Date.now());
      const live = list.live();
      if (!done || !live) return;
      stack = without(stack, done);
      const undone = done.operation.then((operation) => live.undo(operation));
      list.finish(undone);
      undone.then(({ changed }) => report({ kind: 'undone', count: changed }), fail);
    },
  };
}
