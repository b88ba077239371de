import { z } from 'zod';
import { without } from './answer-schemas.ts';
import { flag, readBody } from './body.ts';
import { failures } from './errors.ts';
import { notModified, ok, route } from './route.ts';

const Settings = z.object({ notifier_paused: flag });

/** Reads the settings of the deployment. */
export const getSettings = route<{ readonly settings: object }>({
  method: 'GET',
  path: '/notifications/settings',
  summary: 'Read the settings of the service',
  tag: 'Preferences',
  answers: [200],
  answer: ({ settings = {} }) => settings,
  document: '{ settings: notification_settings { notifier_paused } }',
  render: ({ settings }) => ok(settings),
  failures: failures.settings,
});

/** Changes the settings; 304 if the same settings are stored already. */
export const putSettings = route<{
  readonly settings: { readonly notifier_paused: boolean; readonly changed: boolean };
}>({
  method: 'PUT',
  path: '/notifications/settings',
  summary: 'Change the settings of the service; for admins and operators',
  tag: 'Preferences',
  body: Settings,
  answers: [200, 304],
  answer: ({ settings = {} }) => without(settings, 'changed'),
  document: `mutation ($data: notification_settings_input!) {
    settings: update_notification_settings(data: $data) { notifier_paused changed } }`,
  variables: ({ body }) => ({ data: readBody(body, Settings) }),
  render: ({ settings: { changed, ...settings } }) => (changed ? ok(settings) : notModified()),
  failures: failures.settings,
});
