import { expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { anInboxPage } from './support/inbox-page.ts';
import { describeElements, type Stage } from './support/stage.ts';

const rows = 10_000;
/** More rows than a window of 800 pixels and what is drawn around it can need. */
const mostDrawn = 80;
const query = (what: string) => `(() => {
  const root = document.querySelector('tidings-inbox').shadowRoot;
  const scroll = root.querySelector('.scroll').getBoundingClientRect();
  const rows = Array.from(root.querySelectorAll('.row'), (row) => row.getBoundingClientRect());
  return ${what};
})()`;
/** Whether the rows fill the viewport of the list without a hole. */
const isFilled =
  query(`rows.length > 0 && rows[0].top <= scroll.top + 64 && (rows.at(-1).bottom >= scroll.bottom - 64) &&
  rows.every(({ top }, index) => index === 0 || top - rows[index - 1].bottom < 40)`);

describeElements('an inbox with 10,000 notifications', (stage: Stage) => {
  it('scrolls to its end by wheel, and draws only what is near', async () => {
    const person = await stage.aUser();
    for (let count = 0; count < rows; count += 1000) {
      await createNotifications(
        stage.app.contextOf(stage.app.people.admin),
        Array.from({ length: 1000 }, (_, index) => ({ recipient: person.id, subject: `Subject ${count + index}` })),
      );
    }
    const { page, press, untilFocused } = await anInboxPage(stage, person, {
      attributes: 'layout="page" page-size="1000"',
    });
    await page.locator('.row').first().hover();
    const last = page.locator('.row', { has: page.locator('.subject', { hasText: /^\s*Unread\.\s+Subject 0\s*$/ }) });
    let most = 0;

    // While a page is read, a turn of the wheel moves nothing, so the number of turns has no limit.
    while ((await last.count()) === 0) {
      await page.mouse.wheel(0, 4000);
      await page.waitForFunction(isFilled);
      most = Math.max(most, Number(await page.evaluate(query('rows.length'))));
    }

    await last.waitFor();
    expect(most).toBeLessThan(mostDrawn);
    expect(await last.getAttribute('aria-posinset')).toBe(String(rows));
    expect(await last.getAttribute('aria-setsize')).toBe(String(rows));
    await press('j');
    await untilFocused('Subject 9999');
    await press('End');
    await untilFocused('Subject 0');
  }, 300_000);
});
