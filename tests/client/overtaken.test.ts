import { describe, expect, it } from '@jest/globals';
import { createState } from '../../packages/client/src/inbox-state.ts';
import { changeOf } from '../../packages/client/src/items.ts';
import type { InboxChange } from '../../packages/client/src/requests.ts';
import { anItem } from '../elements/inbox/items.ts';

const cursorAt = (position: number) => Buffer.from(`store.recipient.${position}`).toString('base64url');

const item = (id: string) => anItem(Number(id));

const figuresAt = (position: number) => ({
  unread_count: 2,
  unseen_count: 0,
  total_count: 2,
  saved_count: 0,
  snoozed_count: 0,
  cursor: cursorAt(position),
});

/** The notification as it is in the inbox at this position. */
const received = (id: string, position: number): InboxChange => ({
  kind: 'updated',
  key: id,
  notification: item(id),
  ...figuresAt(position),
});

/** An inbox with two notifications at position 10. */
function aState() {
  const state = createState({}, { predictsCounts: false });
  state.reading()({ notifications: [item('2'), item('1')], ...figuresAt(10) }, 25);
  const shown = () => state.contents().items.map(({ id }) => id);
  return { state, shown };
}

describe('a change that another one undid before the stream could confirm it', () => {
  it('is dropped when the answer comes after the row', () => {
    const { state, shown } = aState();
    const change = state.begin(changeOf('archive'), { keys: ['2'] });
    expect(shown()).toEqual(['1']);
    // Archived at 11, undone at 12: the stream sends the last state only.
    state.apply(received('2', 12));
    expect(shown()).toEqual(['1']);

    state.settle(change, cursorAt(11));

    expect(shown()).toEqual(['2', '1']);
  });

  it('is dropped when the row comes after the answer', () => {
    const { state, shown } = aState();
    const change = state.begin(changeOf('archive'), { keys: ['2'] });

    state.settle(change, cursorAt(11));
    expect(shown()).toEqual(['1']);
    state.apply(received('2', 12));

    expect(shown()).toEqual(['2', '1']);
  });

  it('is dropped when a later change of another notification shows that the stream has passed it', () => {
    const { state, shown } = aState();
    const change = state.begin(changeOf('archive'), { keys: ['2'] });
    state.apply(received('2', 12));

    state.settle(change, cursorAt(13));
    expect(shown()).toEqual(['1']);
    state.apply(received('1', 13));

    expect(shown()).toEqual(['2', '1']);
  });

  it('is dropped when the page is read again', () => {
    const { state, shown } = aState();
    const change = state.begin(changeOf('archive'), { keys: ['2'] });
    const take = state.reading();

    state.settle(change, cursorAt(11));
    take({ notifications: [item('2'), item('1')], ...figuresAt(12) }, 25);

    expect(shown()).toEqual(['2', '1']);
  });
});
