import { beforeAll, expect, it } from '@jest/globals';
import type { Person } from '../support/app.ts';
import { takePicture } from '../support/browser/pictures.ts';
import { axeFaults } from './support/axe.ts';
import { scenes, surroundings } from './support/pictured.ts';
import { aUserWithAWeek, settle, theTime } from './support/scenes.ts';
import { describeElements, type Stage } from './support/stage.ts';

/** Most bytes of a picture in the docs. */
const maxBytes = 60_000;

describeElements('the elements, as they look', (stage: Stage) => {
  let nobody: Person;
  beforeAll(async () => {
    nobody = await stage.aUser();
  });

  const cases = Object.entries(scenes).flatMap(([name, scene]) =>
    (['light', 'dark'] as const).map((scheme) => [name, scheme, scene] as const),
  );
  it.each(cases)(
    '%s in %s colours has no faults that axe finds, and a picture in the docs',
    async (name, colorScheme, { html, size, of, options, device: emulated, before, act }) => {
      const person = of === 'refused' ? { ...nobody, token: 'wrong' } : of ? nobody : await aUserWithAWeek(stage);
      const device = await stage.device(person, {
        colorScheme,
        deviceScaleFactor: 1.5,
        reducedMotion: 'reduce',
        timezoneId: 'UTC',
        ...emulated,
      });
      await device.context.clock.setFixedTime(theTime);
      await before?.(device);
      const page = await device.open(html, { style: surroundings, ...options });
      const [width, height] = size;
      await page.setViewportSize({ width, height });
      await act(page, { device, person, stage });
      await settle(page);

      expect(await axeFaults(page)).toEqual([]);
      expect(await takePicture(page, `elements-${name}-${colorScheme}`, { fullPage: false })).toBeLessThan(maxBytes);
    },
  );
});
