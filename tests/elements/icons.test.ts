import { describe, expect, it } from '@jest/globals';
import { controls, notificationIcons } from '../../packages/inbox/src/icons.ts';
import { iconOf } from '../../src/templates/icon.ts';
import { systemTemplates } from '../../src/templates/system-templates.ts';

describe('icons', () => {
  it('there is one for every id that the service gives to notifications', () => {
    const templates = [null, ...systemTemplates.map(({ id }) => id)];
    const ids = templates.map((id) => iconOf({ icon: '', template_id: id }));

    expect(Object.keys(notificationIcons).toSorted()).toEqual([...new Set(ids)].toSorted());
  });

  it('are path data and nothing else', () => {
    for (const [name, paths] of Object.entries({ ...controls, ...notificationIcons })) {
      expect([name, paths]).toEqual([name, expect.stringMatching(/^M[MmLlHhVvCcSsAaZz0-9 .-]+$/)]);
    }
  });
});
