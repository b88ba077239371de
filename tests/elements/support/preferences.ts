import { expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Person } from '../../support/app.ts';
import type { Device, DeviceOptions, PageOptions } from './device.ts';
import type { Stage } from './stage.ts';

/** A service that sends e-mails, so that there are two channels. */
export const withMails = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' };

export const templates = {
  workspaceDeleted: 'f517da0b-cdc9-410f-ab89-a86107c420ed',
  workspaceDormant: '0ea69165-ec14-4314-91f1-69566ac3c5a0',
} as const;

export interface Opened {
  readonly device: Device;
  readonly page: Page;
  readonly element: Locator;
  /** The control with this name. */
  control(name: string): Locator;
  /** Waits until the control is in this state and nothing is being saved. */
  becomes(control: Locator, isOn: boolean): Promise<void>;
}

/**
 * Waits until the service has answered all changes. From a change to its answer `Saving…` is shown; `Saved` may still be
 * that of the change before, and disappears after some seconds.
 */
export const allSaved = (element: Locator | Page): Promise<void> =>
  element.getByText('Saving…', { exact: true }).waitFor({ state: 'detached' });

/** Opens the preferences of a person, and waits until they are shown. */
export async function openPreferences(
  stage: Stage,
  person: Person,
  options: DeviceOptions & Pick<PageOptions, 'lang' | 'dir'> = {},
): Promise<Opened> {
  const { lang = 'en', dir = 'ltr', ...deviceOptions } = options;
  const device = await stage.device(person, deviceOptions);
  const page = await device.open('<main><h1>Settings</h1><tidings-preferences></tidings-preferences></main>', {
    ...{ lang, dir },
  });
  const element = page.locator('tidings-preferences');
  await element.locator('table').waitFor();
  return {
    ...{ device, page, element },
    control: (name) => element.getByLabel(name, { exact: true }),
    async becomes(control, isOn) {
      await control.and(page.locator(isOn ? ':checked' : ':not(:checked)')).waitFor();
      await allSaved(element);
    },
  };
}

/** What `explain` says about a template: the verdict and the rule by channel. */
export async function explained(stage: Stage, person: Person, template: string): Promise<Record<string, string>> {
  const { explain } = await stage.ask<{ explain: { channel: string; verdict: string; rule: string }[] }>(
    person,
    'query ($template: ID!) { explain(template: $template) { channel verdict rule } }',
    { template },
  );
  return Object.fromEntries(explain.map(({ channel, verdict, rule }) => [channel, `${verdict}: ${rule}`]));
}

/** Creates or changes a category. */
export async function saveCategory(stage: Stage, data: object): Promise<void> {
  const document = 'mutation ($data: category_input!) { save_category(data: $data) { key } }';
  const { save_category } = await stage.ask<{ save_category: object }>(stage.app.people.admin, document, { data });
  expect(save_category).toBeDefined();
}
