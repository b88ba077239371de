import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs in the page. Endless animations are not waited for. */
const animationsEnd = `Promise.allSettled(
  document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished),
)`;

/** What axe finds wrong in a page, shadow trees included: the rule, and the elements that break it. */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  // In the middle of an animation colours are paler than the eye will see them.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(animationsEnd);
  // Evaluated by the debugger, which no content security policy forbids.
  await page.evaluate(await source);
  const { violations }: AxeResults = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
