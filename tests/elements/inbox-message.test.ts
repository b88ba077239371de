import { expect, it } from '@jest/globals';
import { anInboxPage, untilEqual } from './support/inbox-page.ts';
import { describeElements, type Stage } from './support/stage.ts';

const hostile = [
  '<script>globalThis.hurt = 1</script>',
  '<img src=x onerror="globalThis.hurt = 1">',
  '[link](javascript:globalThis.hurt=1)',
  '<a href="javascript:globalThis.hurt=1">anchor</a>',
  '<svg onload="globalThis.hurt=1">',
  '<style>* { display: none }</style>',
  '![picture](https://evil.example.com/x.png)',
].join('\n\n');

/** Keeps the events of the element in `globalThis.events`; those named in `cancelled` are cancelled. */
const listen = (...cancelled: string[]) => `
  globalThis.events = [];
  for (const type of ['tidings-action', 'tidings-open', 'tidings-select', 'tidings-counts', 'tidings-error']) {
    document.addEventListener(type, (event) => {
      const { action, keys, all, url, selected } = event.detail;
      events.push([type, action ?? url ?? selected ?? null]);
      if (${JSON.stringify(cancelled)}.includes(type)) event.preventDefault();
    });
  }`;
const eventsOf = (type: string) => `events.filter(([name]) => name === '${type}').map(([, what]) => what)`;

describeElements('the message of a notification', (stage: Stage) => {
  it('is shown without the HTML that somebody wrote into it', async () => {
    const person = await stage.aUser({ subject: '<b>bold</b> <img src=x onerror=hurt=1>', message: hostile });
    const { page } = await anInboxPage(stage, person);
    expect(await page.locator('.row .excerpt').innerText()).toBe('link anchor picture');

    await page.locator('.row').click();
    const prose = page.locator('.prose');
    await prose.getByText('anchor').waitFor();

    expect(await page.locator('.message-subject').innerText()).toBe('<b>bold</b> <img src=x onerror=hurt=1>');
    expect(await prose.locator('script, style, img, svg, [onerror], [onload], [href^="javascript"]').count()).toBe(0);
    expect(await page.evaluate('globalThis.hurt')).toBeUndefined();
  });

  it('marks it read once, and tells the page', async () => {
    const person = await stage.aUser('one', 'two');
    const { page, figures, press } = await anInboxPage(stage, person, { script: listen() });

    await page.locator('.row', { hasText: 'two' }).click();
    await page.locator('.row:not(.unread)', { hasText: 'two' }).waitFor();
    await untilEqual(async () => (await figures())['unread'], '1');
    await press('u');

    await untilEqual(async () => (await figures())['unread'], '2');
    expect(await page.evaluate(eventsOf('tidings-action'))).toEqual(['read', 'unread']);
    expect(await page.evaluate(`${eventsOf('tidings-select')}.length`)).toBe(1);
  });

  it('an action that the page cancels is not done', async () => {
    const person = await stage.aUser('one');
    const { page, press, subjects } = await anInboxPage(stage, person, { script: listen('tidings-action') });

    await press('j', 'e', 's', 'Enter');
    await page.locator('.message-subject').waitFor();

    expect(await page.evaluate(eventsOf('tidings-action'))).toEqual(['archive', 'save', 'read']);
    expect(await subjects()).toEqual(['one']);
    expect(await page.locator('.toast').count()).toBe(0);
    const { inbox } = await stage.ask<{ inbox: { notifications: unknown } }>(
      person,
      '{ inbox { notifications { read_at saved_at } } }',
    );
    expect(inbox.notifications).toEqual([{ read_at: null, saved_at: null }]);
  });

  it('the page may follow its links by itself', async () => {
    const person = await stage.aUser({ subject: 'one', message: 'See [the report](https://example.com/report).' });
    const { page } = await anInboxPage(stage, person, { script: listen('tidings-open') });
    await page.locator('.row').click();
    const address = page.url();

    await page.locator('.prose a').click();

    expect(await page.evaluate(eventsOf('tidings-open'))).toEqual(['https://example.com/report']);
    expect(page.url()).toBe(address);
  });

  it('is found by its id or uuid, however far back it is', async () => {
    const person = await stage.aUser(...Array.from({ length: 60 }, (_, index) => `Subject ${index}`));
    const query = '{ inbox(limit: 100) { notifications { id uuid subject } } }';
    const { inbox } = await stage.ask<{ inbox: { notifications: { id: string; uuid: string; subject: string }[] } }>(
      person,
      query,
    );
    const [last, secondLast] = inbox.notifications.toReversed();

    const byId = await anInboxPage(stage, person, { attributes: `layout="page" page-size="5" selected="${last?.id}"` });
    await byId.page.locator('.message-subject', { hasText: 'Subject 0' }).waitFor();
    await untilEqual(async () => (await byId.figures())['unread'], '59');
    const byUuid = await anInboxPage(stage, person, {
      attributes: `layout="page" page-size="5" selected="${secondLast?.uuid}"`,
    });
    await byUuid.page.locator('.message-subject', { hasText: 'Subject 1' }).waitFor();
  });

  it('of somebody else is not shown, nor one that is not there', async () => {
    const other = await stage.aUser('secret');
    const { inbox } = await stage.ask<{ inbox: { notifications: { id: string }[] } }>(
      other,
      '{ inbox { notifications { id } } }',
    );
    const selected = inbox.notifications[0]?.id;

    const { page } = await anInboxPage(stage, stage.app.people.admin, {
      attributes: `layout="page" selected="${selected}"`,
    });

    await page.locator('.pane', { hasText: 'This notification is not there' }).waitFor();
    expect(await page.getByText('secret').count()).toBe(0);
  });
});
