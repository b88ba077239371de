import { expect, it } from '@jest/globals';
import { anInboxPage, untilEqual } from './support/inbox-page.ts';
import { describeElements, type Stage } from './support/stage.ts';

const isRead = `Array.from(document.querySelector('tidings-inbox').shadowRoot.querySelectorAll('.row.unread')).length`;

describeElements('what happens to an inbox while it is shown', (stage: Stage) => {
  it('holds new notifications while the pointer is in the list, and says how many', async () => {
    const person = await stage.aUser('one', 'two', 'three');
    const { page, untilRows, subjects } = await anInboxPage(stage, person);
    const row = page.locator('.row', { hasText: 'two' });
    await row.hover();
    const before = await row.boundingBox();

    await stage.notify(person, 'four', 'five');
    await page.locator('.pill', { hasText: '2 new notifications' }).waitFor();

    expect(await subjects()).toEqual(['three', 'two', 'one']);
    expect(await row.boundingBox()).toEqual(before);
    await page.locator('.pill').click();
    await untilRows('five', 'four', 'three', 'two', 'one');
    await page.locator('.row:focus', { hasText: 'five' }).waitFor();
    await page.locator('.pill').waitFor({ state: 'detached' });
  });

  it('inserts new notifications silently while nobody is in the list', async () => {
    const person = await stage.aUser('one');
    const { page, untilRows } = await anInboxPage(stage, person);
    await page.mouse.move(600, 20);

    await stage.notify(person, 'two');

    await untilRows('two', 'one');
    expect(await page.locator('.pill').count()).toBe(0);
  });

  it('does not change what it has not shown when everything is archived', async () => {
    const person = await stage.aUser('one', 'two');
    const { page, press, untilRows } = await anInboxPage(stage, person);
    await press('j', 'x');
    await page.locator('[part~="select-all"] input').click();
    await page.locator('.bulk-text', { hasText: 'All selected' }).waitFor();
    await stage.notify(person, 'unseen');
    await page.locator('.pill').waitFor();

    await page.locator('.bulk [data-do="archive"]').click();

    // A toast is shown for some seconds only.
    await page.locator('.toast', { hasText: '2 archived' }).waitFor();
    await untilRows('unseen');
    expect(await stage.ask(person, '{ inbox { notifications { subject } } }')).toEqual({
      inbox: { notifications: [{ subject: 'unseen' }] },
    });
  });

  it('follows what another tab of the person does', async () => {
    const person = await stage.aUser('one', 'two');
    const first = await anInboxPage(stage, person);
    const second = await anInboxPage(stage, person, { device: first.device });
    await second.page.bringToFront();

    await second.page.locator('.row', { hasText: 'two' }).click();

    await first.page.locator('.row:not(.unread)', { hasText: 'two' }).waitFor();
    await untilEqual(first.figures, { all: '2', unread: '1', saved: '', snoozed: '', archived: '' });
    await second.press('e');
    // While the pointer is in it, a toast stays.
    await second.page.locator('.toast').hover();
    await first.untilRows('one');
    await second.untilRows('one');
    await second.page.locator('.toast button', { hasText: 'Undo' }).click();
    await first.untilRows('two', 'one');
  });

  it('keeps an opened notification in its place in the list of unread ones', async () => {
    const person = await stage.aUser('one', 'two', 'three');
    const { page, untilRows } = await anInboxPage(stage, person, { attributes: 'layout="page" tab="unread"' });

    await page.locator('.row', { hasText: 'two' }).click();
    await page.locator('.row:not(.unread)', { hasText: 'two' }).waitFor();
    await page.locator('.message-subject', { hasText: 'two' }).waitFor();
    await untilEqual(() => page.evaluate(isRead), 2);

    await untilRows('three', 'two', 'one');
    await page.locator('#tab-all').click();
    await page.locator('#tab-unread').click();
    await untilRows('three', 'one');
  });

  it('says that it is offline, and catches up', async () => {
    const person = await stage.aUser('one');
    const { page, device, untilRows } = await anInboxPage(stage, person);
    await page.mouse.move(600, 20);

    await device.setOffline(true);
    await page.locator('[part~="banner"]', { hasText: 'You are offline' }).waitFor();
    await stage.notify(person, 'two');
    await device.setOffline(false);

    await untilRows('two', 'one');
    await page.locator('[part~="banner"]').waitFor({ state: 'detached' });
  });

  it('says that the token is refused', async () => {
    const person = await stage.aUser('one');
    const device = await stage.device(person);
    const page = await device.open('<tidings-inbox layout="page"></tidings-inbox>');
    await page.locator('.row').first().waitFor();

    await page.evaluate("document.querySelector('tidings-inbox').token = 'unknown'");

    await page.locator('[part~="refused"]', { hasText: 'You are signed out' }).waitFor();
  });
});
