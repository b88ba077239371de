import { describe, expect, it } from '@jest/globals';
import { commandOf, defaultKeys, keysOf } from '../../../packages/inbox/src/inbox/keys.ts';
import { snoozeTimes, toLocalInput } from '../../../packages/inbox/src/inbox/snooze-times.ts';
import { figureOf, filterOf, tabsOf } from '../../../packages/inbox/src/inbox/tabs.ts';

const press = (key: string, over = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  ...over,
});

describe('the keys of the inbox', () => {
  it.each([
    ['j', 'next'],
    ['k', 'previous'],
    ['e', 'archive'],
    ['u', 'read'],
    ['s', 'save'],
    ['h', 'snooze'],
    ['z', 'undo'],
    ['/', 'search'],
    ['?', 'help'],
    ['Enter', 'open'],
    ['Escape', 'close'],
    ['x', 'select'],
    ['Home', 'first'],
    ['End', 'last'],
    ['PageDown', 'next'],
  ])('knows what %s does', (key, command) => {
    expect(commandOf(press(key), defaultKeys)).toBe(command);
  });

  it.each(['ctrlKey', 'metaKey', 'altKey', 'isComposing'])('leaves keys with %s alone', (modifier) => {
    expect(commandOf(press('e', { [modifier]: true }), defaultKeys)).toBeUndefined();
  });

  it('takes own keys, which lose their former meaning', () => {
    const keys = keysOf({ archive: 'u', snooze: [] });

    expect(commandOf(press('u'), keys)).toBe('archive');
    expect(commandOf(press('e'), keys)).toBeUndefined();
    expect(commandOf(press('h'), keys)).toBeUndefined();
    expect(commandOf(press('s'), keys)).toBe('save');
  });
});

describe('the tabs of the inbox', () => {
  it('are those of the attribute, in its order, each once', () => {
    expect(tabsOf('saved, all,all,unknown')).toEqual(['saved', 'all']);
  });

  it('are all without an attribute', () => {
    expect(tabsOf(null)).toEqual(['all', 'unread', 'saved', 'snoozed', 'archived']);
    expect(tabsOf('unknown')).toHaveLength(5);
  });

  it('show the figures of the service, and none where it has none', () => {
    const counts = { unread: 1, unseen: 2, total: 3, saved: 4, snoozed: 5 };

    expect(tabsOf(null).map((tab) => figureOf(tab, counts))).toEqual([3, 1, 4, 5, undefined]);
  });

  it('list saved notifications in any state', () => {
    expect(filterOf('saved')).toEqual({ saved: true, states: ['inbox', 'snoozed', 'archived'] });
  });
});

describe('the times of the snooze menu', () => {
  const local = (...parts: [number, number, number, number]) => new Date(...parts);

  it.each([
    ['a Wednesday', local(2026, 5, 3, 15), local(2026, 5, 4, 9), local(2026, 5, 8, 9)],
    ['a Sunday', local(2026, 5, 7, 15), local(2026, 5, 8, 9), local(2026, 5, 8, 9)],
    ['a Monday', local(2026, 5, 8, 6), local(2026, 5, 9, 9), local(2026, 5, 15, 9)],
    ['the end of a year', local(2026, 11, 31, 20), local(2027, 0, 1, 9), local(2027, 0, 4, 9)],
  ])('on %s', (_name, now, tomorrow, week) => {
    expect(snoozeTimes(now).map(({ until }) => until)).toEqual([new Date(now.getTime() + 3_600_000), tomorrow, week]);
  });

  it('are written as an input takes them', () => {
    expect(toLocalInput(local(2026, 0, 2, 3))).toBe('2026-01-02T03:00');
  });
});
