import type { Person } from '../support/app.ts';
import type { Random } from './live-figures.ts';
import type { deleted, State } from './live-states.ts';

export const changeInbox = 'mutation ($data: change_inbox_input!) { change_inbox(data: $data) { id changed } }';
export const undoOperation = 'mutation ($id: ID!) { undo_inbox_operation(id: $id) { changed } }';

/** Snoozes of a run do not end during it. */
const until = '2999-01-01T00:00:00.000Z';
const effects = {
  archive: { status: 'archived', isSnoozed: false },
  snooze: { status: 'archived', isSnoozed: true },
  unarchive: { status: 'inbox', isSnoozed: false },
  save: { isSaved: true },
  unsave: { isSaved: false },
} as const satisfies Readonly<Record<string, Partial<State>>>;
const actions = ['archive', 'snooze', 'snooze', 'unarchive', 'save', 'save', 'unsave'] as const;

/** A random bulk action of one recipient; it leaves the notifications of others as they are. */
export function aBulkAction(random: Random, { id, token }: Person, keys: readonly string[]) {
  const action = random.pick(actions);
  const data = { ids: keys, action, ...(action === 'snooze' ? { until } : {}) };
  const change = (state: State): State => (state.recipient === id ? { ...state, ...effects[action] } : state);
  return { variables: { data }, planned: { event: 'update' as const, keys, token, change } };
}

/** The undo of an action that was the last write to these keys. @param former their possible states before it */
export function anUndo({ token }: Person, former: ReadonlyMap<string, readonly (State | typeof deleted)[]>) {
  const change = (state: State, key: string, place: number) => former.get(key)?.[place] ?? state;
  return { event: 'update' as const, keys: [...former.keys()], token, change };
}
