import { z } from 'zod';
import { readBody, withDefault } from './body.ts';
import { badRequest, failures } from './errors.ts';
import { userOf } from './parameters.ts';
import { ok, route } from './route.ts';
import { readUuid } from './uuid.ts';

const Preferences = z.object({
  template_disabled_map: withDefault(z.record(z.string(), withDefault(z.boolean(), false)), {}),
});

/** Lists a user's stored choices, one for each template. */
export const getPreferences = route<{ readonly preferences: readonly object[] }>({
  method: 'GET',
  path: '/users/:user/notifications/preferences',
  summary: 'List the stored choices of a user, one for each template',
  tag: 'Preferences',
  answers: [200],
  answer: ({ preferences = {} }) => preferences,
  document: `query ($user: String) {
    preferences: notification_preferences(user: $user) { id: template_id disabled updated_at } }`,
  variables: ({ parameters }) => ({ user: userOf(parameters) }),
  render: ({ preferences }) => ok(preferences),
  failures: failures.preferences,
});

/** Stores choices and returns all stored ones. */
export const putPreferences = route<{ readonly preferences: readonly object[] }>({
  method: 'PUT',
  path: '/users/:user/notifications/preferences',
  summary: 'Store choices of a user, and return all stored ones',
  tag: 'Preferences',
  body: Preferences,
  answers: [200],
  answer: ({ preferences = {} }) => preferences,
  document: `mutation ($user: String, $map: JSON!) {
    preferences: update_notification_preferences(user: $user, template_disabled_map: $map) {
      id: template_id disabled updated_at } }`,
  variables({ parameters, body }) {
    const { template_disabled_map: map } = readBody(body, Preferences);
    return { user: userOf(parameters), map: withCanonicalIds(map) };
  },
  withoutBody: ({ parameters }) => ({ user: userOf(parameters), map: [] }),
  render: ({ preferences }) => ok(preferences),
  failures: failures.preferences,
});

/** The map with ids in canonical spelling. @throws CoderError 400 for a key that is not a UUID. */
function withCanonicalIds(map: Readonly<Record<string, boolean>>): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(map).map(([key, isDisabled]) => {
      const reading = readUuid(key);
      if ('uuid' in reading) return [reading.uuid, isDisabled];
      throw badRequest({ message: 'Unable to parse notification template UUID.', detail: reading.fault });
    }),
  );
}
