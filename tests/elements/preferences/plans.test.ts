import { describe, expect, it } from '@jest/globals';
import { createAsk } from '../../../packages/client/src/request.ts';
import { type Cell, readPreferences, saveChoices } from '../../../packages/inbox/src/preferences/data.ts';
import {
  inverseOf,
  type Planner,
  planCell,
  planChannel,
  planDefault,
  planGroup,
  planMails,
} from '../../../packages/inbox/src/preferences/plan.ts';
import { groupKeyOf, keyOf } from '../../../packages/inbox/src/preferences/sheet.ts';
import { createUsers } from '../../../src/users/write.ts';
import { useTestApp } from '../../support/app.ts';
import { graphql } from '../../support/client.ts';
import { templates, withMails } from '../support/preferences.ts';

const rounds = 40;
const categories = [
  {
    ...{ key: 'alarms', name: 'Alarms', default_channels: ['inbox'], required_channels: ['inbox'] },
    templates: [templates.workspaceDormant],
  },
  { key: 'news', name: 'News', default_channels: ['inbox', 'smtp'], templates: [templates.workspaceDeleted] },
];

/** Numbers from 0 to 1 that are the same in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('what the switches of the preferences change', () => {
  const app = useTestApp(withMails);
  const onOf = (cells: readonly Cell[]) => new Map(cells.map((cell) => [keyOf(cell), cell.on]));

  it('random changes switch exactly what they say, as the service decides, and undo brings back what was', async () => {
    const { admin } = app().people;
    for (const data of categories) {
      const document = 'mutation ($data: category_input!) { save_category(data: $data) { key } }';
      expect((await graphql(app(), admin, document, { data })).body.errors).toBeUndefined();
    }
    await createUsers(app().contextOf(admin), [{ token: 'token-of-random-choices' }]);
    const ask = createAsk({ url: `${app().url}/graphql/system`, token: 'token-of-random-choices' });
    const random = randomOf(7);
    const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;

    let { cells } = await readPreferences(ask, new AbortController().signal);
    for (let round = 0; round < rounds; round += 1) {
      const isOn = random() < 0.5;
      const cell = pick(cells.filter(({ template }) => template !== null));
      const [name, planner] = pick<[string, Planner]>([
        ['cell', planCell(keyOf(cell), isOn)],
        ['cell', planCell(keyOf(cell), isOn)],
        ['group', planGroup(groupKeyOf(cell), cell.channel, isOn)],
        ['channel', planChannel(cell.channel, isOn)],
        ['mails', planMails(isOn)],
        ['default', planDefault(keyOf(cell))],
      ]);
      const plan = planner(cells);
      const after = await saveChoices(ask, plan.choices, plan.emailNotifications);
      const what = `${round}: ${name} ${keyOf(cell)} ${isOn}`;

      if (name !== 'default') {
        const expected = new Map([...onOf(cells), ...plan.expected]);
        // Categories are not on the page. Switching other e-mails on may give them choices of their own.
        const shown = (key: string) => !key.startsWith('category') && key !== 'channel inbox';
        expect([what, ...[...onOf(after)].filter(([key]) => shown(key))]).toEqual([
          what,
          ...[...expected].filter(([key]) => shown(key)),
        ]);
      }
      if (random() < 0.3) {
        const inverse = inverseOf(plan, cells);
        const back = await saveChoices(ask, inverse.choices, inverse.emailNotifications);
        expect([what, back.map(({ on, because }) => `${on} ${because}`)]).toEqual([
          what,
          cells.map(({ on, because }) => `${on} ${because}`),
        ]);
      } else cells = after;
    }
  }, 120_000);
});
