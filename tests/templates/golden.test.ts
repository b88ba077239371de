import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { renderActions, renderTemplate } from '../../src/templates/render.ts';
import { systemTemplates } from '../../src/templates/system-templates.ts';
import { aPayload, cases, helpers, slugOf } from './cases.ts';

const golden = new URL('golden/', import.meta.url);
/** `UPDATE_GOLDEN=1` writes the current rendering; review the difference before committing it. */
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

const fileOf = (name: string) => `${slugOf(name)}.txt`;

function renderingOf({ id, name, title, body, actions }: (typeof systemTemplates)[number]): string {
  const payload = aPayload({ notification_name: name, notification_template_id: id, ...cases[name] });
  const buttons = renderActions(actions, payload, helpers.baseUrl);
  const rendered = renderTemplate({ id, title_template: title, body_template: body }, payload, helpers);
  return Object.entries({ ...rendered, actions: buttons.map(({ label, url }) => `${label}: ${url}`).join('\n') })
    .map(([part, text]) => `--- ${part}\n${text}\n`)
    .join('\n');
}

describe('the system templates', () => {
  it.each(systemTemplates.map((template) => [template.name, template] as const))(
    'a system template renders as in its golden file: %s',
    async (name, template) => {
      // Every template needs a case.
      expect(Object.keys(cases)).toContain(name);
      const file = new URL(fileOf(name), golden);
      const rendering = renderingOf(template);
      if (isUpdate) await writeFile(file, rendering);

      expect(rendering).toBe(await readFile(file, 'utf8'));
    },
  );

  it('cases and golden files match the system templates exactly', async () => {
    const names = systemTemplates.map(({ name }) => name).sort();

    expect(Object.keys(cases).sort()).toEqual(names);
    expect((await readdir(golden)).sort()).toEqual(names.map(fileOf).sort());
  });

  it('system templates have unique ids, names and button labels', () => {
    const distinct = (values: readonly string[]) => expect(new Set(values).size).toBe(values.length);

    distinct(systemTemplates.map(({ id }) => id));
    distinct(systemTemplates.map(({ name }) => name));
    for (const { actions } of systemTemplates) distinct(actions.map(({ label }) => label));
  });

  it('system templates render without errors from an empty payload', () => {
    for (const { id, title, body, actions } of systemTemplates) {
      const payload = aPayload({ user_name: '', user_username: '', user_email: '' });
      const rendered = renderTemplate({ id, title_template: title, body_template: body }, payload, helpers);

      expect(rendered.bodyPlain).not.toMatch(/[*`{}]|undefined|null/);
      expect(renderActions(actions, payload, helpers.baseUrl)).toHaveLength(actions.length);
    }
  });
});
