import { describe, expect, it } from '@jest/globals';
import type { InboxItem } from '../../packages/client/src/index.ts';
import { useTestApp } from '../support/app.ts';
import { aClient, isLive, subjects, type Transport, until } from './stage.ts';

const tomorrow = new Date(Date.now() + 86_400_000);
const change = 'mutation ($data: change_inbox_input!) { change_inbox(data: $data) { changed } }';
const none = { unread: 0, unseen: 0, total: 0, saved: 0, snoozed: 0 };

describe.each<Transport>(['websocket', 'sse'])('states of notifications in the client over %s', (transport) => {
  const app = useTestApp();
  const start = async (count: number, options: Parameters<typeof aClient>[2] = {}) => {
    const stage = await aClient(app(), transport, { count, ...options });
    return { ...stage, view: await until(stage.inbox, isLive) };
  };
  const keysOf = (items: readonly InboxItem[], ...wanted: string[]) =>
    items.filter(({ subject }) => wanted.includes(subject)).map(({ id }) => id);

  it('a notification that is saved, snoozed or archived is shown so at once, and when the service confirms it', async () => {
    const { inbox, view } = await start(4);
    expect(view).toMatchObject({ unread: 4, unseen: 4, total: 4, saved: 0, snoozed: 0 });

    const sent = [
      inbox.change('save', { keys: keysOf(view.items, '0') }),
      inbox.change('snooze', { keys: keysOf(view.items, '1'), until: tomorrow }),
      inbox.change('archive', { keys: keysOf(view.items, '2') }),
    ];
    const expected = { unread: 2, unseen: 2, total: 2, saved: 1, snoozed: 1 };
    expect(inbox.current()).toMatchObject(expected);
    expect(subjects(inbox.current())).toEqual(['3', '0']);

    await expect(Promise.all(sent)).resolves.toMatchObject([{ changed: 1 }, { changed: 1 }, { changed: 1 }]);
    const confirmed = await until(inbox, ({ cursor, items }) => cursor !== view.cursor && items.length === 2);
    expect(confirmed.items.map(({ state, saved_at }) => [state, saved_at === null])).toEqual([
      ['inbox', true],
      ['inbox', false],
    ]);
    await until(inbox, (now) =>
      Object.entries(expected).every(([name, count]) => now[name as keyof typeof none] === count),
    );
  });

  it('an undone change is shown as before', async () => {
    const { inbox, view } = await start(3);

    const operation = await inbox.change('archive', { keys: keysOf(view.items, '0', '1') });
    await until(inbox, ({ items }) => items.length === 1);
    await expect(inbox.undo(operation)).resolves.toMatchObject({ action: 'archive', changed: 2, skipped: 0 });

    const undone = await until(inbox, ({ items, total }) => items.length === 3 && total === 3);
    expect(subjects(undone)).toEqual(['2', '1', '0']);
  });

  it('a change that cannot be undone is refused', async () => {
    const { inbox } = await start(1);

    await expect(inbox.undo({ id: '0199aaaa-0000-7000-8000-000000000000' })).rejects.toMatchObject({
      name: 'InboxError',
    });
  });

  it('a change of all leaves what came after the view', async () => {
    const { inbox, write, cut, block } = await start(3, { pageSize: 2 });
    block(true);
    cut();
    await until(inbox, ({ status }) => status === 'waiting');
    await write(['later']);

    await expect(inbox.change('archive')).resolves.toMatchObject({ changed: 3 });
    block(false);

    const view = await until(inbox, (now) => isLive(now) && now.total === 1 && now.items.length === 1);
    expect(subjects(view)).toEqual(['later']);
    expect(view).toMatchObject({ unread: 1 });
  });

  it('marking as seen empties only the count of unseen notifications', async () => {
    const { inbox, write } = await start(3, { pageSize: 2 });

    const sent = inbox.markSeen();
    expect(inbox.current()).toMatchObject({ unread: 3, unseen: 0 });
    await sent;
    await write(['later']);

    const view = await until(inbox, ({ items, unseen }) => items.length === 3 && unseen === 1);
    expect(view.items.map(({ seen, read_at }) => [seen, read_at])).toEqual([
      [false, null],
      [true, null],
      [true, null],
    ]);
  });

  it('a client of snoozed notifications shows those that are snoozed, and not those that return', async () => {
    const { inbox, as, write, view } = await start(0, { filter: { states: ['snoozed'] } });
    expect(view).toMatchObject({ items: [], ...none });
    const [one, two] = await write(['one', 'two']);

    await as(change, { data: { ids: [one, two], action: 'snooze', until: tomorrow } });
    const snoozed = await until(inbox, ({ items }) => items.length === 2);
    expect(snoozed.items.map(({ state, snoozed_until }) => [state, snoozed_until])).toEqual([
      ['snoozed', tomorrow.toISOString()],
      ['snoozed', tomorrow.toISOString()],
    ]);

    await as(change, { data: { ids: [two], action: 'unsnooze' } });
    const returned = await until(inbox, ({ items, total }) => items.length === 1 && total === 1);
    expect(subjects(returned)).toEqual(['one']);
    expect(returned).toMatchObject({ snoozed: 1, unread: 1 });
  });

  it('listeners are called far less often than the stream sends changes', async () => {
    const { inbox, write } = await start(2_000, { pageSize: 1_000 });
    let calls = 0;
    inbox.subscribe(() => {
      calls += 1;
    });

    await inbox.markAllRead();
    // The stream sends it after the 2,000 changes.
    await write(['later']);
    await until(inbox, ({ items }) => items.length === 1_001);

    expect(inbox.current()).toMatchObject({ unread: 1, total: 2_001 });
    expect(calls).toBeLessThan(500);
  });
});
