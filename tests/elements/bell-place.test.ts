import { expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { PageOptions } from './support/device.ts';
import { describeElements, type Stage } from './support/stage.ts';

const window = { width: 1280, height: 800 };
const gap = 8;

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error('It is not shown.');
  return { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height };
}

/** Opens the bell and returns where it and its popover are. */
async function openedBoxes(page: Page) {
  const [button, panel] = ['button', 'popover'].map((part) => page.locator(`tidings-bell [part=${part}]`));
  if (!button || !panel) throw new Error('There is no bell.');
  await button.click();
  await panel.locator('tidings-inbox').waitFor();
  return { bell: await boxOf(button), popover: await boxOf(panel) };
}

describeElements('the popover of the bell', (stage: Stage) => {
  /** A page with the bell at this place. */
  async function opened(place: string, attributes = '', options: PageOptions = {}) {
    const device = await stage.device(await stage.aUser('First'), { reducedMotion: 'reduce' });
    const page = await device.open(`<tidings-bell ${attributes}></tidings-bell>`, {
      style: `tidings-bell { position: fixed; ${place} }`,
      ...options,
    });
    return { page, ...(await openedBoxes(page)) };
  }

  it('hangs below the end of the bell', async () => {
    const { bell, popover } = await opened('top: 10px; right: 40px');

    expect(popover).toMatchObject({ top: bell.bottom + gap, right: bell.right });
  });

  it('hangs below the end of the bell in a page written from right to left, which is its left side', async () => {
    const { bell, popover } = await opened('top: 10px; left: 40px', '', { dir: 'rtl', lang: 'ar' });

    expect(popover).toMatchObject({ top: bell.bottom + gap, left: bell.left });
  });

  it('stands where position says', async () => {
    const { bell, popover } = await opened('top: 700px; left: 40px', 'position="top-start"');

    expect(popover).toMatchObject({ bottom: bell.top - gap, left: bell.left });
  });

  it('flips to the side with more room', async () => {
    const { bell, popover } = await opened('bottom: 10px; right: 40px');

    expect(popover.bottom).toBe(bell.top - gap);
  });

  it.each([
    ['left', 'top: 10px; left: 0'],
    ['right', 'top: 10px; right: 0'],
    ['lower', 'top: 500px; right: 0'],
    ['upper', 'top: 300px; left: 0'],
  ])('stays inside of the window at its %s edge', async (_edge, place) => {
    const { popover } = await opened(place);

    expect(popover.left).toBeGreaterThanOrEqual(gap);
    expect(popover.top).toBeGreaterThanOrEqual(gap);
    expect(popover.right).toBeLessThanOrEqual(window.width - gap);
    expect(popover.bottom).toBeLessThanOrEqual(window.height - gap);
  });

  it('follows the bell when the page is scrolled', async () => {
    const { page, popover } = await opened('position: absolute; top: 100px; right: 40px', '', {
      style: 'body { height: 3000px } tidings-bell { position: absolute; top: 100px; right: 40px }',
    });
    await page.evaluate('scrollTo(0, 60)');

    const panel = page.locator('tidings-bell [part=popover]');
    for (let box = await boxOf(panel); box.top !== popover.top - 60; box = await boxOf(panel))
      await page.evaluate('new Promise(requestAnimationFrame)');
  });

  it('is a sheet at the lower edge of a phone', async () => {
    const device = await stage.device(await stage.aUser('First'), { size: 'phone', reducedMotion: 'reduce' });
    const page = await device.open('<tidings-bell></tidings-bell>');

    const { popover } = await openedBoxes(page);

    expect(popover).toMatchObject({ left: 0, right: 390, bottom: 844 });
  });

  it('opens, closes and keeps its place in a browser without popovers', async () => {
    const device = await stage.device(await stage.aUser('First'), { reducedMotion: 'reduce' });
    const page = await device.open('<tidings-bell></tidings-bell>', {
      style: 'tidings-bell { position: fixed; top: 10px; right: 40px }',
      script: `for (const name of ['popover', 'showPopover', 'hidePopover', 'togglePopover']) delete HTMLElement.prototype[name];`,
    });
    const panel = page.locator('tidings-bell [part=popover]');

    const { bell, popover } = await openedBoxes(page);
    expect(popover).toMatchObject({ top: bell.bottom + gap, right: bell.right });
    for (const close of [() => page.keyboard.press('Escape'), () => page.mouse.click(100, 700)]) {
      await close();
      await panel.waitFor({ state: 'hidden' });
      await page.locator('tidings-bell [part=button]:focus').waitFor();
      await page.locator('tidings-bell [part=button]').click();
      await panel.waitFor();
    }
  });
});
