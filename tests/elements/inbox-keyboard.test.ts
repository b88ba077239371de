import { expect, it } from '@jest/globals';
import type { Person } from '../support/app.ts';
import { anInboxPage, untilEqual } from './support/inbox-page.ts';
import { describeElements, type Stage } from './support/stage.ts';

describeElements('the inbox by keyboard alone', (stage: Stage) => {
  async function stored(person: Person): Promise<readonly string[]> {
    const query = `{ inbox(filter: { states: [inbox, snoozed, archived] }) { notifications { subject read_at saved_at state } } }`;
    const { inbox } = await stage.ask<{ inbox: { notifications: Record<string, string | null>[] } }>(person, query);
    return inbox.notifications
      .map(({ subject, read_at, saved_at, state }) => [subject, state, read_at && 'read', saved_at && 'saved'])
      .map((parts) => parts.filter(Boolean).join(' '))
      .sort();
  }

  it('moves, reads, saves, archives and takes it back', async () => {
    const person = await stage.aUser('one', 'two', 'three', 'four');
    const { press, untilFocused, untilRows } = await anInboxPage(stage, person);

    await press('j');
    await untilFocused('four');
    await press('j', 'j');
    await untilFocused('two');
    await press('k', 'u');
    await untilFocused('three');
    await untilEqual(() => stored(person), ['four inbox', 'one inbox', 'three inbox read', 'two inbox']);
    await press('s', 'e');
    // The focus goes to the next row.
    await untilFocused('two');
    await untilRows('four', 'two', 'one');
    await untilEqual(() => stored(person), ['four inbox', 'one inbox', 'three archived read saved', 'two inbox']);
    await press('z');
    await untilRows('four', 'three', 'two', 'one');
    await untilEqual(() => stored(person), ['four inbox', 'one inbox', 'three inbox read saved', 'two inbox']);
    await press('End');
    await untilFocused('one');
    await press('Home');
    await untilFocused('four');
  });

  it('opens a notification, reads on, and returns to its row', async () => {
    const person = await stage.aUser('one', 'two', 'three');
    const { page, press, untilFocused } = await anInboxPage(stage, person, { size: 'phone' });

    await press('j', 'j', 'Enter');
    await page.locator('.message-subject', { hasText: 'two' }).waitFor();
    await untilEqual(() => stored(person), ['one inbox', 'three inbox', 'two inbox read']);
    await press('j');
    await page.locator('.message-subject', { hasText: 'one' }).waitFor();
    await press('Escape');
    await untilFocused('one');
    await untilEqual(() => stored(person), ['one inbox read', 'three inbox', 'two inbox read']);
  });

  it('selects several and archives them', async () => {
    const person = await stage.aUser('one', 'two', 'three', 'four');
    const { page, press, untilRows } = await anInboxPage(stage, person);

    await press('j', 'x', 'j', 'j', 'x');
    await page.locator('.bulk-text', { hasText: '2 selected' }).waitFor();
    await press('e');
    await untilRows('three', 'one');
    await untilEqual(() => stored(person), ['four archived', 'one inbox', 'three inbox', 'two archived']);
  });

  it('snoozes by a menu, and by a time of its own', async () => {
    const person = await stage.aUser('one', 'two');
    const { page, press, untilFocused, untilRows } = await anInboxPage(stage, person);

    await press('j', 'h');
    await page.locator('[role="menuitem"]:focus').waitFor();
    await press('ArrowDown', 'Enter');
    await untilRows('one');
    await untilFocused('one');
    await press('h');
    await page.locator('[role="menuitem"]:focus').waitFor();
    await press('End', 'Enter');
    await page.locator('input[type="datetime-local"]:focus').waitFor();
    await press('Enter');
    await page.locator('[part~="empty"]').waitFor();
    await untilEqual(() => stored(person), ['one snoozed', 'two snoozed']);
  });

  it('reaches every button of a row, and asks before it deletes', async () => {
    const person = stage.app.people.admin;
    await stage.notify(person, 'one', 'two');
    const { page, press, untilFocused, untilRows } = await anInboxPage(stage, person);

    await page.locator('.row [data-do="ask-delete"]').first().waitFor({ state: 'attached' });
    await press('j', 'Tab', 'Tab', 'End', 'Enter');
    await page.locator('[role="alertdialog"] button:focus').waitFor();
    await press('Escape');
    await page.locator('.row [data-do="ask-delete"]:focus').waitFor();
    await press('Enter');
    await page.locator('[role="alertdialog"] button:focus').waitFor();
    await press('Enter');
    await untilRows('one');
    await untilFocused('one');
    await untilEqual(() => stored(person), ['one inbox']);
  });

  it('searches, and types what would be commands elsewhere', async () => {
    const person = await stage.aUser('jukebox', 'other');
    const { page, press, untilFocused, untilRows } = await anInboxPage(stage, person);

    await press('/');
    await page.locator('.search input:focus').waitFor();
    await page.keyboard.type('juke');
    await untilRows('jukebox');
    await press('Escape');
    await untilRows('other', 'jukebox');
    await untilFocused('other');
    expect(await stored(person)).toEqual(['jukebox inbox', 'other inbox']);
  });

  it('changes tabs by arrows, and lists its keys', async () => {
    const person = await stage.aUser('one');
    const { page, press } = await anInboxPage(stage, person);

    await press('?');
    await page.locator('dialog[open] kbd', { hasText: 'j' }).waitFor();
    await press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.locator('#tab-all').focus();
    await press('ArrowRight', 'ArrowRight');
    await page.locator('#tab-saved[aria-selected="true"]:focus').waitFor();
    await page.locator('[part~="empty"]', { hasText: 'Nothing is saved' }).waitFor();
  });

  it('takes other keys from the page, and leaves those with modifiers alone', async () => {
    const person = await stage.aUser('one', 'two');
    const { page, press, untilFocused, untilRows } = await anInboxPage(stage, person);
    await page.evaluate("document.querySelector('tidings-inbox').keys = { archive: 'y', next: ['n'] }");

    await press('n');
    await untilFocused('two');
    await press('e', 'Control+y', 'j');
    await untilFocused('two');
    await press('y');
    await untilRows('one');
  });
});
