import { expect, it } from '@jest/globals';
import { describeElements, type Stage } from './support/stage.ts';

describeElements('the elements in a page of another origin', (stage: Stage) => {
  it('are loaded by one script tag under a strict content security policy', async () => {
    const device = await stage.device(await stage.aUser('Your export is ready'));

    const page = await device.open('<p>Host</p>');
    const loaded: readonly string[] = await page.evaluate(
      "performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)",
    );

    expect(loaded).toContain('/elements/index.js');
  });

  it('a script without the nonce is refused, and the stage notices it', async () => {
    const device = await stage.device(await stage.aUser());
    stage.expectFault('refused by the policy: script-src-elem inline');
    stage.expectFault('Content Security Policy');

    const page = await device.open('<script>globalThis.wasRun = true</script>');

    expect(await page.evaluate('globalThis.wasRun')).toBeUndefined();
  });

  it('a condition may become true later, under the policy as well', async () => {
    const device = await stage.device(await stage.aUser());

    const page = await device.open('<p>Host</p>', { script: 'setTimeout(() => { globalThis.isReady = true; }, 300);' });

    await page.waitForFunction('globalThis.isReady');
  });
});
