import type { Target } from './actions.ts';
import { type Command, commandOf } from './keys.ts';
import type { InboxModel } from './model.ts';
import { moveWithin } from './roving.ts';
import { isEmpty, nothingSelected, toggle } from './selection.ts';

interface Board {
  readonly model: InboxModel;
  readonly root: HTMLElement | DocumentFragment;
  readonly keys: Readonly<Record<Command, readonly string[]>>;
  readonly isRtl: boolean;
  readonly update: () => void;
  readonly search: () => void;
}

/** Fields in which keys write. */
const typing =
  'input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]:not([contenteditable=false])';

/** Carries out what a key means. @param target the innermost element that got the key */
export function onKeyDown(event: KeyboardEvent, target: Element, board: Board): void {
  if (event.defaultPrevented || target.closest(typing)) return;
  const group = target.closest('[role="tablist"], [role="toolbar"]');
  if (group) {
    const control = moveWithin(event, target, { group, isRtl: board.isRtl });
    if (control?.role === 'tab') control.click();
    if (control) return;
  }
  const command = commandOf(event, board.keys);
  // Letters work everywhere in the element; keys that scroll or press buttons only where nothing else uses them.
  if (!command || (event.key.length > 1 && !isOurs(event.key, target))) return;
  if (run(command, target, board)) event.preventDefault();
}

function isOurs(key: string, target: Element): boolean {
  if (key === 'Escape') return true;
  if (key === 'Enter') return target.matches('[data-key]');
  return target.closest('.scroll') !== null;
}

/** Returns whether there was something to do. */
function run(command: Command, target: Element, { model, root, update, search }: Board): boolean {
  const { list, navigator, actions, opened } = model;
  const { items, keys } = list.view();
  const subject = subjectOf(target, model);
  switch (command) {
    case 'next':
      return step(1, target, model);
    case 'previous':
      return step(-1, target, model);
    case 'first':
      return goTo(0, model);
    case 'last':
      return goTo(keys.length - 1, model);
    case 'open': {
      const item = items.find(({ id }) => id === navigator.focusedKey);
      if (item) model.open(item);
      return item !== undefined;
    }
    case 'close':
      if (opened.state !== 'none' && (!model.isWide || isEmpty(model.selection))) model.close();
      else if (!isEmpty(model.selection)) model.selection = nothingSelected;
      else return false;
      update();
      return true;
    case 'select': {
      const key = navigator.focusedKey;
      if (key !== undefined) model.selection = toggle(model.selection, key);
      update();
      return key !== undefined;
    }
    case 'undo':
      actions.undo();
      return true;
    case 'search':
      search();
      return true;
    case 'help':
      model.isHelpOpen = true;
      update();
      return true;
    case 'archive':
    case 'read':
    case 'save':
    case 'snooze':
      if (subject) act(command, subject, { model, root });
      return subject !== undefined;
  }
}

/** What a key acts on: the selection, else the row or the message that has the focus, else the open message. */
function subjectOf(target: Element, { selection, navigator, opened }: InboxModel): Target | undefined {
  if (selection.isAll) return 'all';
  if (!isEmpty(selection)) return { keys: [...selection.keys] };
  const key = target.closest('.pane') ? opened.item?.id : (navigator.focusedKey ?? opened.item?.id);
  return key === undefined ? undefined : { keys: [key] };
}

function act(
  command: 'archive' | 'read' | 'save' | 'snooze',
  subject: Target,
  { model, root }: Pick<Board, 'model' | 'root'>,
): void {
  const [key] = subject === 'all' ? [] : subject.keys;
  const { opened, list, options } = model;
  const item = opened.item?.id === key ? opened.item : list.view().items.find(({ id }) => id === key);
  if (command === 'archive') {
    const isInInbox = item ? item.state === 'inbox' : options.tab !== 'archived' && options.tab !== 'snoozed';
    const back = item?.state === 'snoozed' || options.tab === 'snoozed' ? 'unsnooze' : 'unarchive';
    model.perform(isInInbox ? 'archive' : back, subject);
  } else if (command === 'read') model.perform(item && item.read_at !== null ? 'unread' : 'read', subject);
  else if (command === 'save') model.perform(item && item.saved_at !== null ? 'unsave' : 'save', subject);
  else askSnooze(subject, key, { model, root });
}

function askSnooze(subject: Target, key: string | undefined, { model, root }: Pick<Board, 'model' | 'root'>): void {
  const row = key === undefined ? null : model.navigator.row(key);
  const anchor =
    root.querySelector('.bulk [data-do="ask-snooze"]') ??
    row?.querySelector('.acts') ??
    root.querySelector('.pane-head');
  if (anchor) model.deed('ask-snooze', subject, anchor);
}

function step(by: 1 | -1, target: Element, model: InboxModel): boolean {
  const { list, navigator, opened } = model;
  const { items, keys } = list.view();
  if (keys.length === 0) return false;
  if (target.closest('.pane') && opened.item) {
    const index = keys.indexOf(opened.item.id);
    const next = items[index + by];
    if (index >= 0 && next) model.open(next);
    return next !== undefined;
  }
  const { focusedKey, activeKey } = navigator;
  const index = keys.indexOf(focusedKey ?? activeKey ?? '');
  // The first key goes to the row that Tab would reach.
  return goTo(focusedKey === undefined ? Math.max(0, index) : index + by, model);
}

function goTo(position: number, { list, navigator, scroller }: InboxModel): boolean {
  const { keys, lines } = list.view();
  const key = keys[Math.max(0, Math.min(position, keys.length - 1))];
  if (key === undefined) return false;
  scroller.reveal(lines.findIndex((line) => line.key === key));
  navigator.focus(key);
  return true;
}
